-- One row per range (30, 90, 365 days, all) and period (now, before, year_ago) that the data cover whole.
-- A fixed range shows only where there is more than it; year_ago is 52 weeks earlier, so weekdays agree.
with span as (
    select count(*)::int as days
    from serving.fct_revenue_daily
    where date <= :as_of
),
ranges as (
    select fixed.range, fixed.days
    from (values ('30', 30), ('90', 90), ('365', 365)) as fixed (range, days)
    cross join span
    where fixed.days < span.days
    union all
    select 'all', span.days
    from span
    where span.days > 0
),
periods as (
    select range, days, 'now' as period, cast(:as_of as date) as last_date
    from ranges
    union all
    select range, days, 'before', cast(:as_of as date) - days
    from ranges
    union all
    select range, days, 'year_ago', cast(:as_of as date) - 364
    from ranges
    where days <= 364
)
select
    periods.range,
    periods.days,
    periods.period,
    sum(daily.orders) as orders,
    sum(daily.net_revenue) as net_revenue,
    sum(daily.refunds) as refunds,
    sum(daily.gross_revenue - daily.discounts - daily.taxes) as sold,
    sum(daily.recognized_net) as recognized_net,
    round(sum(daily.gross_revenue - daily.discounts - daily.taxes) / nullif(sum(daily.orders), 0), 4) as aov
from periods
join serving.fct_revenue_daily as daily
    on daily.date > periods.last_date - periods.days and daily.date <= periods.last_date
group by periods.range, periods.days, periods.period
having count(*) = periods.days
order by periods.days, periods.range, periods.period
