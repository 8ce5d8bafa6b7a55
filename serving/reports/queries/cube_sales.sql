-- One row per date, place, category and segment. An order stands once in each of its categories, so orders are
-- counted here under one category only. Money in 1/10000.
select
    date,
    channel,
    country,
    region,
    city,
    store_id,
    category,
    segment,
    {part: sums_of_sales}
from serving.agg_sales_daily
where date between :since and :as_of
group by date, channel, country, region, city, store_id, category, segment
order by date, channel, country, region, city, store_id, category, segment
