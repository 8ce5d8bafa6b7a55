-- Detects: A day whose booked orders, gross, discounts or taxes are not those of silver's revenue-bearing orders.
-- Why: The daily figures pass through three tables; this goes the short way and must arrive at the same sums.
-- Severity: blocking
-- Table: gold.fct_revenue_daily
with revenue_orders as (
    select order_id, order_date from silver.orders where status in ('paid', 'fulfilled', 'delivered', 'returned')
),

order_days as (
    select order_date, count(*) as orders from revenue_orders group by order_date
),

line_days as (
    select
        orders.order_date,
        sum(items.quantity * items.unit_price) as gross,
        sum(items.discount_amount) as discounts,
        sum(items.tax_amount) as taxes
    from silver.order_items as items
    inner join revenue_orders as orders on items.order_id = orders.order_id
    group by orders.order_date
)

select
    coalesce(daily.date, order_days.order_date) as date,
    daily.orders,
    order_days.orders as silver_orders,
    daily.gross_revenue,
    line_days.gross as silver_gross
from gold.fct_revenue_daily as daily
full join order_days on daily.date = order_days.order_date
left join line_days on order_days.order_date = line_days.order_date
where
    -- The table ends with the as-of date.
    coalesce(daily.date, order_days.order_date) <= $as_of
    and (
        daily.date is null
        or daily.orders is distinct from coalesce(order_days.orders, 0)
        or daily.gross_revenue is distinct from coalesce(line_days.gross, 0)
        or daily.discounts is distinct from coalesce(line_days.discounts, 0)
        or daily.taxes is distinct from coalesce(line_days.taxes, 0)
    )
order by date
