-- One row per return line and sale line it gives units back of; part numbers the sales of a return, latest first.
-- Units of a product a customer holds are a stack: a sale lays units on it, a return takes them off the top, and
-- what it wants from an empty stack is unmatched. A sale lies between two heights; a later return takes what still
-- lies there above the height it leaves behind.
with returned_stacks as (
    select distinct
        customer_id,
        stock_code
    from lines
    where kind = 'return'
),

stack_events as (
    -- Guests name nobody and match no stack; `accounting` counts their returns. Other stacks have no return to match.
    select
        lines.row_id,
        lines.invoice,
        lines.line_number,
        lines.customer_id,
        lines.stock_code,
        lines.quantity,
        lines.kind = 'return' as is_return,
        row_number() over (
            partition by lines.customer_id, lines.stock_code
            order by lines.invoiced_at, lines.kind = 'return', lines.row_id
        ) as event_number
    from lines
    inner join returned_stacks
        on lines.customer_id = returned_stacks.customer_id and lines.stock_code = returned_stacks.stock_code
    where lines.kind in ('order line', 'return')
),

running_sums as (
    select
        *,
        sum(quantity) over (partition by customer_id, stock_code order by event_number) as running_sum
    from stack_events
),

heights as (
    -- Clamped at zero: what was asked of an empty stack is forgotten.
    select
        *,
        running_sum
        - least(0, min(running_sum) over (partition by customer_id, stock_code order by event_number)) as height
    from running_sums
),

sales_and_later_returns as (
    select
        sales.invoice as order_id,
        sales.line_number as order_line_number,
        sales.event_number as sale_number,
        sales.height - sales.quantity as sale_bottom,
        returned.row_id,
        returned.height as height_left,
        least(
            sales.height,
            min(returned.height) over (
                partition by sales.row_id
                order by returned.event_number
                rows between unbounded preceding and 1 preceding
            )
        ) as sale_top
    from heights as sales
    inner join heights as returned
        on
            sales.customer_id = returned.customer_id
            and sales.stock_code = returned.stock_code
            and sales.event_number < returned.event_number
            and returned.height < sales.height
    where not sales.is_return and returned.is_return
)

select
    row_id,
    order_id,
    order_line_number,
    cast(sale_top - greatest(sale_bottom, height_left) as bigint) as quantity,
    row_number() over (partition by row_id order by sale_number desc) as part
from sales_and_later_returns
-- Pairs where the return takes nothing of the sale.
where sale_top > greatest(sale_bottom, height_left)
