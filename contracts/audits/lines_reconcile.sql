-- Detects: An order date on which the lines of gold and silver differ in number, units or amounts.
-- Why: A join that loses or doubles lines loses or doubles revenue.
-- Severity: blocking
-- Table: gold.fct_order_items
with gold_lines as (
    select
        order_date,
        count(*) as lines,
        sum(quantity) as units,
        sum(gross_amount) as gross,
        sum(net_amount) as net
    from gold.fct_order_items
    group by order_date
),

silver_lines as (
    select
        orders.order_date,
        count(*) as lines,
        sum(items.quantity) as units,
        sum(items.quantity * items.unit_price) as gross,
        sum(items.quantity * items.unit_price - items.discount_amount - items.tax_amount) as net
    from silver.order_items as items
    left join silver.orders as orders on items.order_id = orders.order_id
    group by orders.order_date
)

select
    coalesce(gold_lines.order_date, silver_lines.order_date) as order_date,
    gold_lines.lines,
    silver_lines.lines as silver_lines,
    gold_lines.net,
    silver_lines.net as silver_net
from gold_lines
full join silver_lines on gold_lines.order_date = silver_lines.order_date
where
    gold_lines.lines is distinct from silver_lines.lines
    or gold_lines.units is distinct from silver_lines.units
    or gold_lines.gross is distinct from silver_lines.gross
    or gold_lines.net is distinct from silver_lines.net
order by order_date
