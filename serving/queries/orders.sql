-- One row per order of :order_id.
select order_id, customer_id, store_id, payment_method, status, order_date, created_at, paid_at, fulfilled_at,
       delivered_at, returned_at, cancelled_at, is_revenue, is_first_order, items, units, gross_revenue, discounts,
       taxes, refunds, net_revenue, shipping_amount
from serving.fct_orders
where order_id = any(cast(:order_id as text[]))
