-- One row per day of the last 28 whose net revenue lies over three median deviations from the median of the same
-- weekday in the eight weeks before it.
with days as (
    select date, net_revenue from serving.fct_revenue_daily where date <= :as_of
),
medians as (
    select
        days.date,
        days.net_revenue,
        count(*) as weeks,
        percentile_cont(0.5) within group (order by earlier.net_revenue) as median
    from days
    join days as earlier
        on earlier.date between days.date - 56 and days.date - 7 and (days.date - earlier.date) % 7 = 0
    where days.date > cast(:as_of as date) - 28
    group by days.date, days.net_revenue
),
spreads as (
    select
        medians.date,
        medians.net_revenue,
        medians.median,
        percentile_cont(0.5) within group (order by abs(earlier.net_revenue - medians.median)) as spread
    from medians
    join days as earlier
        on earlier.date between medians.date - 56 and medians.date - 7 and (medians.date - earlier.date) % 7 = 0
    where medians.weeks = 8
    group by medians.date, medians.net_revenue, medians.median
)
select
    date,
    net_revenue,
    round(median::numeric, 4) as median,
    ((net_revenue - median) / spread)::float8 as deviations
from spreads
where spread > 0 and abs(net_revenue - median) > 3 * spread
order by abs(net_revenue - median) / spread desc, date
