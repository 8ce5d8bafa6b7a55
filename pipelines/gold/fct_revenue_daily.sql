-- One row per date, dense from the first order of any status to the as-of date; a day without sales is zeros.
with first_order as (
    select min(order_date) as first_date from gold.fct_orders
),

days as (
    select cast(unnest(generate_series(first_date, $as_of, interval 1 day)) as date) as date from first_order
),

-- All below are of revenue-bearing orders alone; the others stand in fct_orders.
revenue_orders as (
    select
        order_id,
        customer_id,
        order_date,
        delivered_at,
        is_first_order,
        units,
        gross_revenue,
        discounts,
        taxes
    from gold.fct_orders
    where is_revenue
),

revenue_returns as (
    select returns.order_id, returns.return_date, returns.refund_amount
    from gold.fct_returns as returns
    -- Drops returns of orders without revenue.
    inner join revenue_orders on returns.order_id = revenue_orders.order_id
),

orders_with_a_return as (
    select distinct order_id from revenue_returns where return_date <= $as_of
),

booked as (
    select
        revenue_orders.order_date,
        count(*) as orders,
        sum(units) as units,
        count(distinct customer_id) as customers,
        count(*) filter (where is_first_order) as new_customers,
        count(*) filter (where customer_id is null) as guest_orders,
        sum(gross_revenue) as gross_revenue,
        sum(discounts) as discounts,
        sum(taxes) as taxes,
        count(orders_with_a_return.order_id) as orders_returned
    from revenue_orders
    left join orders_with_a_return on revenue_orders.order_id = orders_with_a_return.order_id
    group by revenue_orders.order_date
),

returned as (
    select return_date, sum(refund_amount) as refunds, count(distinct order_id) as returns_received
    from revenue_returns
    group by return_date
),

delivered as (
    select
        cast(delivered_at as date) as delivery_date,
        sum(gross_revenue) as recognized_gross,
        sum(discounts) as recognized_discounts,
        sum(taxes) as recognized_taxes
    from revenue_orders
    -- What was not delivered is not recognised yet.
    where delivered_at is not null
    group by cast(delivered_at as date)
),

measures as (
    select
        days.date,
        coalesce(booked.orders, 0) as orders,
        coalesce(booked.units, 0) as units,
        coalesce(booked.customers, 0) as customers,
        coalesce(booked.new_customers, 0) as new_customers,
        coalesce(booked.guest_orders, 0) as guest_orders,
        coalesce(booked.gross_revenue, 0) as gross_revenue,
        coalesce(booked.discounts, 0) as discounts,
        coalesce(booked.taxes, 0) as taxes,
        coalesce(returned.refunds, 0) as refunds,
        coalesce(booked.orders_returned, 0) as orders_returned,
        coalesce(returned.returns_received, 0) as returns_received,
        coalesce(delivered.recognized_gross, 0) as recognized_gross,
        coalesce(delivered.recognized_discounts, 0) as recognized_discounts,
        coalesce(delivered.recognized_taxes, 0) as recognized_taxes
    from days
    left join booked on days.date = booked.order_date
    left join returned on days.date = returned.return_date
    left join delivered on days.date = delivered.delivery_date
)

select
    date,
    orders,
    units,
    customers,
    new_customers,
    customers - new_customers as repeat_customers,
    guest_orders,
    gross_revenue,
    discounts,
    taxes,
    refunds,
    gross_revenue - discounts - refunds - taxes as net_revenue,
    exact_quotient(gross_revenue - discounts - taxes, orders) as aov,
    orders_returned,
    orders_returned / nullif(orders, 0) as return_rate,
    returns_received,
    recognized_gross,
    recognized_discounts,
    recognized_taxes,
    refunds as recognized_refunds,
    recognized_gross - recognized_discounts - refunds - recognized_taxes as recognized_net
from measures
