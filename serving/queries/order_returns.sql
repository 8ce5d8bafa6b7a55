-- One row per return of the orders of :ids, in order of line, date and id.
select return_id, order_id, line_number, return_date, delivered_at, product_id, quantity, days_since_delivery,
       refund_eligible, refund_amount, refunded_tax, payment_method, reason
from serving.fct_returns
where order_id = any(cast(:ids as text[]))
order by order_id, line_number, return_date, return_id
