-- One row: an order as silver has it, where it landed, and what gold.fct_orders says of it (gold_*).
select
    orders.order_id,
    orders.customer_id,
    orders.status,
    orders.created_at,
    orders.delivered_at,
    orders.returned_at,
    orders.order_date,
    orders.shipping_amount,
    orders.landing_date,
    orders.source_file,
    orders.row_number,
    facts.is_revenue as gold_is_revenue,
    facts.items as gold_items,
    facts.units as gold_units,
    facts.gross_revenue as gold_gross_revenue,
    facts.discounts as gold_discounts,
    facts.taxes as gold_taxes,
    facts.refunds as gold_refunds,
    facts.net_revenue as gold_net_revenue,
    facts.shipping_amount as gold_shipping_amount
from silver.orders as orders
inner join gold.fct_orders as facts on orders.order_id = facts.order_id
where orders.order_id = $order_id
