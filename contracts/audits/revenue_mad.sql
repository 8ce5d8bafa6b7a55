-- Detects: An order date whose booked net revenue is far from that of the same weekday in the eight weeks before.
-- Why: Missing orders, a price in cents or a discount taken twice show in the day's figure before they show elsewhere.
-- Severity: warning
-- Table: gold.fct_revenue_daily
-- Remedy: Look at the day's orders, and at what landed for it
-- Judged are the dates this run made complete: before the as-of date, whose own orders may still come, from the newest
-- landing date loaded before (the newest seven; of a first run the newest), where four such weekdays or more are known.
-- Far is beyond three MADs, and beyond a third of the usual revenue and what the chance of few orders explains; usual
-- is the weekday's median or that of all days, whichever is more, so that one sale on a closed day is no alarm.
with known as (
    select max(landing_date) as newest_date from bronze.landed_files where run_id <> $run_id
),

judged as (
    select daily.date, daily.net_revenue
    from gold.fct_revenue_daily as daily
    cross join known
    where
        daily.date < $as_of
        and daily.date >= greatest($as_of::date - 7, coalesce(known.newest_date, $as_of::date - 1))
),

days_before as (
    select
        judged.date,
        judged.net_revenue,
        before.net_revenue::double as net_before,
        before.orders as orders_before,
        (judged.date - before.date) % 7 = 0 as is_same_weekday
    from judged
    inner join gold.fct_revenue_daily as before on before.date between judged.date - 56 and judged.date - 1
),

usual as (
    select
        date,
        net_revenue,
        median(net_before) filter (where is_same_weekday) as usual_net,
        mad(net_before) filter (where is_same_weekday) as deviation,
        median(net_before) as usual_net_any_day,
        median(orders_before) as usual_orders_any_day
    from days_before
    group by date, net_revenue
    having count(*) filter (where is_same_weekday) >= 4
),

bounded as (
    select
        *,
        greatest(
            3 * deviation,
            greatest(abs(usual_net), abs(usual_net_any_day))
            -- An order's amount varies by about 1.4 times its mean.
            * greatest(1 / 3, 3 * sqrt(3 / greatest(usual_orders_any_day, 1)))
        ) as far
    from usual
)

select
    date,
    net_revenue,
    usual_net,
    deviation,
    format('net revenue {} on {}', net_revenue::text, date) as observed,
    format('median {:.2f}, {:.2f} to {:.2f}', usual_net, usual_net - far, usual_net + far) as threshold
from bounded
where abs(net_revenue - usual_net) > far
order by date
