-- One row per category: net revenue and profit of the last 91 days and of the 91 before, the same weekdays. No row where
-- the data do not reach back 182 days.
select
    category,
    coalesce(sum(net_revenue) filter (where date > cast(:as_of as date) - 91), 0) as net_now,
    coalesce(sum(profit) filter (where date > cast(:as_of as date) - 91), 0) as profit_now,
    coalesce(sum(net_revenue) filter (where date <= cast(:as_of as date) - 91), 0) as net_before,
    coalesce(sum(profit) filter (where date <= cast(:as_of as date) - 91), 0) as profit_before
from serving.agg_sales_daily
where date > cast(:as_of as date) - 182 and date <= :as_of
  and (select min(date) from serving.fct_revenue_daily) <= cast(:as_of as date) - 181
group by category
order by net_now desc, category
