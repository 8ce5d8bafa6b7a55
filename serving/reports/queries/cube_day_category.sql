-- One row per date and category: more dates of a shop whose sales cube does not reach back. Money in 1/10000.
select
    date,
    category,
    {part: sums_of_sales}
from serving.agg_sales_daily
where date between :since and :as_of
group by date, category
order by date, category
