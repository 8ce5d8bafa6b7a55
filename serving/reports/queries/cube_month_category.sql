-- One row per month (its first day) and category. An order stands once in each of its categories. Money in 1/10000.
select
    date - extract(day from date)::int + 1 as date,
    category,
    {part: sums_of_sales}
from serving.agg_sales_daily
where date between :since and :as_of
group by 1, 2
order by 1, 2
