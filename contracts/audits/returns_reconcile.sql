-- Detects: A return row that gold lost or changed, or a line of which more came back or was refunded than sold.
-- Why: A lost return is revenue that was given back long ago; a refund above the line's net is money that never was.
-- Severity: blocking
-- Table: gold.fct_returns
with lost_returns as (
    select returns.order_id, returns.line_number, returns.return_id
    from silver.returns as returns
    left join gold.fct_returns as fact on returns.return_id = fact.return_id
    where
        fact.order_id is distinct from returns.order_id
        or fact.line_number is distinct from returns.line_number
        or fact.quantity is distinct from returns.quantity
),

returned_lines as (
    select order_id, line_number, sum(quantity) as quantity, sum(refund_amount) as refund_amount
    from gold.fct_returns
    group by order_id, line_number
),

wrong_lines as (
    select
        coalesce(lines.order_id, returned.order_id) as order_id,
        coalesce(lines.line_number, returned.line_number) as line_number,
        null as return_id
    from gold.fct_order_items as lines
    full join returned_lines as returned
        on lines.order_id = returned.order_id and lines.line_number = returned.line_number
    where
        lines.order_id is null
        or lines.returned_quantity is distinct from coalesce(returned.quantity, 0)
        or lines.refund_amount is distinct from coalesce(returned.refund_amount, 0)
        or lines.returned_quantity > lines.quantity
        or lines.refund_amount > lines.net_amount
)

select order_id, line_number, return_id from lost_returns
union all
select order_id, line_number, return_id from wrong_lines
order by order_id, line_number, return_id
