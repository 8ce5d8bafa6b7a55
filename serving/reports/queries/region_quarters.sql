-- One row per region: net revenue of the last 91 days and of the 91 before, the same weekdays. No row where the data do
-- not reach back 182 days.
select
    country,
    region,
    coalesce(sum(net_revenue) filter (where date > cast(:as_of as date) - 91), 0) as now,
    coalesce(sum(net_revenue) filter (where date <= cast(:as_of as date) - 91), 0) as before
from serving.agg_sales_daily
where date > cast(:as_of as date) - 182 and date <= :as_of
  and (select min(date) from serving.fct_revenue_daily) <= cast(:as_of as date) - 181
group by country, region
order by now desc, country, region
