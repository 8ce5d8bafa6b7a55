-- One row per order, whatever its status; revenue is `where is_revenue`.
with order_lines as (
    select
        order_id,
        count(*) as items,
        sum(quantity) as units,
        sum(gross_amount) as gross_revenue,
        sum(discount_amount) as discounts,
        sum(tax_amount) as taxes,
        sum(refund_amount) as refunds
    from gold.fct_order_items
    group by order_id
),

revenue_orders as (
    select
        order_id,
        row_number() over (partition by customer_id order by created_at, order_id) as nth_order
    from silver.orders
    where is_revenue_bearing(status) and customer_id is not null
),

-- An order without a line is a row of zeros.
orders_with_sums as (
    select
        orders.*,
        is_revenue_bearing(orders.status) as is_revenue,
        coalesce(order_lines.items, 0) as items,
        coalesce(order_lines.units, 0) as units,
        coalesce(order_lines.gross_revenue, 0) as gross_revenue,
        coalesce(order_lines.discounts, 0) as discounts,
        coalesce(order_lines.taxes, 0) as taxes,
        coalesce(order_lines.refunds, 0) as refunds
    from silver.orders as orders
    left join order_lines on orders.order_id = order_lines.order_id
)

select
    orders.order_id,
    orders.customer_id,
    coalesce(dim_store.store_id, 'unknown') as store_id,
    orders.payment_method,
    orders.status,
    orders.order_date,
    orders.created_at,
    orders.paid_at,
    orders.fulfilled_at,
    orders.delivered_at,
    orders.returned_at,
    orders.cancelled_at,
    orders.is_revenue,
    coalesce(revenue_orders.nth_order = 1, false) as is_first_order,
    orders.items,
    orders.units,
    orders.gross_revenue,
    orders.discounts,
    orders.taxes,
    orders.refunds,
    orders.gross_revenue - orders.discounts - orders.refunds - orders.taxes as net_revenue,
    coalesce(orders.shipping_amount, 0) as shipping_amount
from orders_with_sums as orders
left join revenue_orders on orders.order_id = revenue_orders.order_id
left join gold.dim_store as dim_store on orders.store_id = dim_store.store_id
