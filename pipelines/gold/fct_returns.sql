-- One row per return row, or one per line of an order returned by status alone; whatever the order's status.
with lines as (
    select
        order_id,
        line_number,
        product_id,
        quantity,
        quantity * unit_price - discount_amount - tax_amount as net_amount,
        tax_amount
    from silver.order_items
),

orders_with_return_rows as (
    select distinct order_id from silver.returns
),

-- Silver keeps no return without its line, nor a line without its order: the inner joins lose nothing.
returned_units as (
    select return_id, order_id, line_number, quantity, returned_at, reason from silver.returns
    union all
    select
        lines.order_id || '#' || cast(lines.line_number as varchar) as return_id,
        lines.order_id,
        lines.line_number,
        lines.quantity,
        orders.returned_at,
        null as reason
    from lines
    inner join silver.orders as orders on lines.order_id = orders.order_id
    left join orders_with_return_rows on orders.order_id = orders_with_return_rows.order_id
    -- Other orders came back by their return rows, above, or not at all.
    where orders.status = 'returned' and orders_with_return_rows.order_id is null
),

judged_returns as (
    select
        returned_units.return_id,
        returned_units.order_id,
        returned_units.line_number,
        cast(returned_units.returned_at as date) as return_date,
        orders.delivered_at,
        lines.product_id,
        returned_units.quantity,
        coalesce(
            returned_units.returned_at < orders.delivered_at + to_days($refund_window_days), false
        ) as refund_eligible,
        orders.payment_method,
        returned_units.reason,
        lines.net_amount,
        lines.tax_amount,
        lines.quantity as sold_quantity,
        sum(returned_units.quantity) over (
            partition by returned_units.order_id, returned_units.line_number
            order by returned_units.returned_at, returned_units.return_id
            rows unbounded preceding
        ) as returned_so_far
    from returned_units
    inner join lines
        on returned_units.order_id = lines.order_id and returned_units.line_number = lines.line_number
    inner join silver.orders as orders on returned_units.order_id = orders.order_id
),

-- The line's share at the running quantity, rounded.
running_shares as (
    select
        *,
        exact_quotient(net_amount * returned_so_far, sold_quantity) as net_so_far,
        exact_quotient(tax_amount * returned_so_far, sold_quantity) as tax_so_far
    from judged_returns
),

-- Less the share before it, so that the parts of a line returned whole add up to it.
return_shares as (
    select
        *,
        net_so_far - lag(net_so_far, 1, 0) over line_returns as net_share,
        tax_so_far - lag(tax_so_far, 1, 0) over line_returns as tax_share
    from running_shares
    window line_returns as (partition by order_id, line_number order by returned_so_far)
)

select
    return_id,
    order_id,
    line_number,
    return_date,
    delivered_at,
    product_id,
    quantity,
    return_date - cast(delivered_at as date) as days_since_delivery,
    refund_eligible,
    case when refund_eligible then net_share else 0 end as refund_amount,
    case when refund_eligible then tax_share else 0 end as refunded_tax,
    payment_method,
    reason
from return_shares
