-- Detects: A return of an order that was never delivered.
-- Why: It is recorded but not refunded; the shop's export may lack the delivery.
-- Severity: warning
-- Table: gold.fct_returns
select return_id, order_id, line_number, return_date
from gold.fct_returns
where delivered_at is null
order by return_id
