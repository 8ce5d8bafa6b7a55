-- One row per date of fct_revenue_daily: from what was booked to what was recognised.
with net_by_day as (
    select
        order_date,
        cast(delivered_at as date) as delivery_date,
        sum(gross_revenue - discounts - taxes) as net_amount
    from gold.fct_orders
    -- Other orders are neither booked nor recognised.
    where is_revenue
    group by order_date, cast(delivered_at as date)
),

booked_not_delivered as (
    select order_date, sum(net_amount) as net_amount
    from net_by_day
    -- Not delivered at all counts here, too.
    where delivery_date is distinct from order_date
    group by order_date
),

delivered_from_before as (
    select delivery_date, sum(net_amount) as net_amount
    from net_by_day
    -- Deliveries on the day of the order need no bridge; those never made are above.
    where delivery_date > order_date
    group by delivery_date
),

days as (
    select
        daily.date,
        daily.net_revenue as booked_net,
        daily.recognized_net,
        coalesce(booked_not_delivered.net_amount, 0) as booked_not_delivered,
        coalesce(delivered_from_before.net_amount, 0) as delivered_from_before
    from gold.fct_revenue_daily as daily
    left join booked_not_delivered on daily.date = booked_not_delivered.order_date
    left join delivered_from_before on daily.date = delivered_from_before.delivery_date
)

select
    date,
    booked_net,
    recognized_net,
    booked_not_delivered,
    delivered_from_before,
    sum(booked_not_delivered - delivered_from_before) over (order by date rows unbounded preceding) as deferred,
    booked_net - recognized_net - booked_not_delivered + delivered_from_before as residual
from days
