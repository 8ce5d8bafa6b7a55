-- One row per clock and money event of a line of a revenue-bearing order; amounts of zero have no row.
with revenue_orders as (
    select order_id, order_date, cast(delivered_at as date) as delivery_date
    from gold.fct_orders
    -- Other orders move no revenue; they stand in fct_orders.
    where is_revenue
),

revenue_lines as (
    select
        orders.order_date,
        orders.delivery_date,
        lines.order_id,
        lines.line_number,
        lines.gross_amount,
        lines.discount_amount,
        lines.tax_amount,
        items.landing_date,
        items.source_file,
        items.row_number
    from gold.fct_order_items as lines
    inner join revenue_orders as orders on lines.order_id = orders.order_id
    -- Every line of gold is a line of silver.
    inner join silver.order_items as items
        on lines.order_id = items.order_id and lines.line_number = items.line_number
),

line_events as (
    select *, 'sale' as event, gross_amount as amount from revenue_lines
    union all
    select *, 'discount' as event, -discount_amount as amount from revenue_lines
    union all
    select *, 'tax' as event, -tax_amount as amount from revenue_lines
),

-- Of revenue-bearing orders, the others stand in fct_returns; a return by status alone came with the order's row.
refund_events as (
    select
        returns.return_date,
        returns.order_id,
        returns.line_number,
        returns.return_id,
        -returns.refund_amount as amount,
        coalesce(return_rows.landing_date, order_rows.landing_date) as landing_date,
        coalesce(return_rows.source_file, order_rows.source_file) as source_file,
        coalesce(return_rows.row_number, order_rows.row_number) as row_number
    from gold.fct_returns as returns
    inner join revenue_orders as orders on returns.order_id = orders.order_id
    -- Every return has its order in silver.
    inner join silver.orders as order_rows on returns.order_id = order_rows.order_id
    left join silver.returns as return_rows
        on returns.return_id = return_rows.return_id and returns.order_id = return_rows.order_id
),

clocked_events as (
    select
        order_date as date, 'booked' as clock, event, order_id, line_number, null as return_id, amount,
        landing_date, source_file, row_number
    from line_events
    union all
    select
        delivery_date as date, 'recognized' as clock, event, order_id, line_number, null as return_id, amount,
        landing_date, source_file, row_number
    from line_events
    -- Nothing is recognised before delivery.
    where delivery_date is not null
    union all
    select
        return_date as date, 'booked' as clock, 'refund' as event, order_id, line_number, return_id, amount,
        landing_date, source_file, row_number
    from refund_events
    union all
    select
        return_date as date, 'recognized' as clock, 'refund' as event, order_id, line_number, return_id, amount,
        landing_date, source_file, row_number
    from refund_events
)

select
    date, clock, event, order_id, line_number, return_id, amount, landing_date, source_file, row_number
from clocked_events
where amount <> 0
