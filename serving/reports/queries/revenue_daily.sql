-- One row per date up to the as-of date, with means over seven days where seven are there.
with days as (
    select
        date,
        orders,
        gross_revenue - discounts - taxes as sold,
        refunds,
        net_revenue,
        aov,
        recognized_net,
        count(*) over week as week_days,
        avg(net_revenue) over week as net_mean_7d,
        avg(recognized_net) over week as recognized_mean_7d,
        sum(gross_revenue - discounts - taxes) over week / nullif(sum(orders) over week, 0) as week_aov
    from serving.fct_revenue_daily
    where date <= :as_of
    window week as (order by date rows between 6 preceding and current row)
)
select
    date,
    orders,
    sold,
    refunds,
    net_revenue,
    aov,
    recognized_net,
    case when week_days = 7 then net_mean_7d end as net_mean_7d,
    case when week_days = 7 then recognized_mean_7d end as recognized_mean_7d,
    case when week_days = 7 then week_aov end as aov_7d
from days
order by date
