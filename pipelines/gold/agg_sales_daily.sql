-- One row per date, store, place, category and segment with sales or refunds: the dashboard cube.
with categories as (
    select product_id, coalesce(category, 'unknown') as category from gold.dim_product where is_current
),

-- The store's place where one walks into it, else the customer's; null is an unknown place, also a guest's.
order_dimensions as (
    select
        orders.order_id,
        orders.store_id,
        stores.channel,
        case when stores.channel = 'retail' then stores.country else customers.country end as country,
        case when stores.channel = 'retail' then stores.region else customers.region end as region,
        case when stores.channel = 'retail' then stores.city else customers.city end as city,
        coalesce(customers.segment, 'Guest') as segment
    from gold.fct_orders as orders
    -- dim_store has a row for every order.
    inner join gold.dim_store as stores on orders.store_id = stores.store_id
    left join gold.dim_customer as customers on orders.customer_id = customers.customer_id
    -- Orders without revenue stand in fct_orders.
    where orders.is_revenue
),

sales as (
    select
        lines.order_date as date,
        lines.order_id,
        categories.category,
        sum(lines.quantity) as units,
        sum(lines.gross_amount) as gross_revenue,
        sum(lines.discount_amount) as discounts,
        sum(lines.tax_amount) as taxes,
        0 as refunds,
        -- Over lines whose cost is known; null is an unknown cost.
        coalesce(sum(lines.net_amount - lines.cost_amount), 0) as profit
    from gold.fct_order_items as lines
    -- Every product has a category row; lines without revenue stand in fct_order_items.
    inner join categories on lines.product_id = categories.product_id
    where lines.is_revenue
    group by lines.order_date, lines.order_id, categories.category
),

refunds as (
    select
        returns.return_date as date,
        returns.order_id,
        categories.category,
        0 as units,
        0 as gross_revenue,
        0 as discounts,
        0 as taxes,
        sum(returns.refund_amount) as refunds,
        sum(case when lines.cost_amount is null then 0 else -returns.refund_amount end) as profit
    from gold.fct_returns as returns
    -- Every return is of a line.
    inner join gold.fct_order_items as lines
        on returns.order_id = lines.order_id and returns.line_number = lines.line_number
    inner join categories on lines.product_id = categories.product_id
    -- A return without a refund moves no money.
    where lines.is_revenue and returns.refund_amount <> 0
    group by returns.return_date, returns.order_id, categories.category
),

events as (
    select *, 1 as orders from sales
    union all
    select *, 0 as orders from refunds
)

select
    events.date,
    orders.store_id,
    orders.channel,
    coalesce(orders.country, 'unknown') as country,
    coalesce(orders.region, 'unknown') as region,
    coalesce(orders.city, 'unknown') as city,
    events.category,
    orders.segment,
    -- An order is one row of sales in each of its categories.
    sum(events.orders) as orders,
    sum(events.units) as units,
    sum(events.gross_revenue) as gross_revenue,
    sum(events.discounts) as discounts,
    sum(events.taxes) as taxes,
    sum(events.refunds) as refunds,
    sum(events.gross_revenue - events.discounts - events.refunds - events.taxes) as net_revenue,
    sum(events.profit) as profit
from events
-- Every event is of a revenue-bearing order.
inner join order_dimensions as orders on events.order_id = orders.order_id
group by
    events.date,
    orders.store_id,
    orders.channel,
    orders.country,
    orders.region,
    orders.city,
    events.category,
    orders.segment
