-- Detects: An order that is only in gold or only in silver, or whose amounts are not the sums of its silver lines.
-- Why: Orders without lines, guests and cancelled ones count, too; none may vanish on the way.
-- Severity: blocking
-- Table: gold.fct_orders
with silver_sums as (
    select
        order_id,
        count(*) as items,
        sum(quantity * unit_price) as gross,
        sum(discount_amount) as discounts,
        sum(tax_amount) as taxes
    from silver.order_items
    group by order_id
)

select
    coalesce(fact.order_id, orders.order_id) as order_id,
    fact.gross_revenue,
    silver_sums.gross as silver_gross,
    fact.items,
    silver_sums.items as silver_items
from gold.fct_orders as fact
full join silver.orders as orders on fact.order_id = orders.order_id
left join silver_sums on orders.order_id = silver_sums.order_id
where
    fact.order_id is null
    or orders.order_id is null
    or fact.items is distinct from coalesce(silver_sums.items, 0)
    or fact.gross_revenue is distinct from coalesce(silver_sums.gross, 0)
    or fact.discounts is distinct from coalesce(silver_sums.discounts, 0)
    or fact.taxes is distinct from coalesce(silver_sums.taxes, 0)
order by order_id
