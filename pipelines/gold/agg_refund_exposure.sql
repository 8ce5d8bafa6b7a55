-- One row per category with delivered lines that may still come back for a refund after the as-of date.
with categories as (
    select product_id, coalesce(category, 'unknown') as category from gold.dim_product where is_current
),

revenue_lines as (
    select
        categories.category,
        lines.order_id,
        lines.line_number,
        lines.order_date,
        orders.delivered_at,
        lines.quantity,
        lines.returned_quantity,
        lines.net_amount
    from gold.fct_order_items as lines
    -- Every line has an order and a product.
    inner join gold.fct_orders as orders on lines.order_id = orders.order_id
    inner join categories on lines.product_id = categories.product_id
    -- Other lines are refunded nothing that counts.
    where lines.is_revenue
),

open_lines as (
    select
        category,
        count(*) as lines,
        sum(net_amount - exact_quotient(net_amount * returned_quantity, quantity)) as open_net
    from revenue_lines
    -- Lines not delivered, outside the window, or returned whole can cost nothing more.
    where
        delivered_at + to_days($refund_window_days) > cast($as_of + 1 as timestamp)
        and returned_quantity < quantity
    group by category
),

recent_sales as (
    select category, sum(net_amount) as net_amount
    from revenue_lines
    -- Other dates say nothing about the rate of today.
    where order_date between $as_of - 89 and $as_of  -- the 90 dates that end with it
    group by category
),

recent_refunds as (
    select revenue_lines.category, sum(returns.refund_amount) as refunds
    from gold.fct_returns as returns
    inner join revenue_lines
        on returns.order_id = revenue_lines.order_id and returns.line_number = revenue_lines.line_number
    -- Of revenue-bearing lines, within the dates of the rate.
    where returns.return_date between $as_of - 89 and $as_of
    group by revenue_lines.category
),

exposures as (
    select
        open_lines.category,
        open_lines.lines,
        open_lines.open_net,
        coalesce(recent_refunds.refunds, 0) as refunds,
        nullif(recent_sales.net_amount, 0) as net_amount
    from open_lines
    left join recent_sales on open_lines.category = recent_sales.category
    left join recent_refunds on open_lines.category = recent_refunds.category
)

select
    category,
    lines,
    open_net,
    refunds / net_amount as refund_rate,
    exact_quotient(open_net * refunds, net_amount) as expected_refunds
from exposures
