-- Detects: An order whose net revenue is not gross less discounts, refunds and taxes.
-- Why: Every revenue figure is a sum of these; one wrong order is a wrong day, cohort and customer.
-- Severity: blocking
-- Table: gold.fct_orders
select order_id, gross_revenue, discounts, refunds, taxes, net_revenue
from gold.fct_orders
where net_revenue is distinct from gross_revenue - discounts - refunds - taxes
order by order_id
