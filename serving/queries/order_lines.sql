-- One row per line of the orders of :ids, in order of line.
select order_id, line_number, order_date, product_id, product_key, customer_id, store_id, quantity, unit_price,
       gross_amount, discount_amount, tax_amount, net_amount, returned_quantity, refund_amount, cost_amount,
       profit_amount, is_revenue
from serving.fct_order_items
where order_id = any(cast(:ids as text[]))
order by order_id, line_number
