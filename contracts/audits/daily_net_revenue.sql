-- Detects: A day whose booked or recognised net is not its gross less discounts, refunds and taxes.
-- Why: The day is what people read, and a reader must be able to add it up.
-- Severity: blocking
-- Table: gold.fct_revenue_daily
select date, net_revenue, recognized_net
from gold.fct_revenue_daily
where
    net_revenue is distinct from gross_revenue - discounts - refunds - taxes
    or recognized_net is distinct from
    recognized_gross - recognized_discounts - recognized_refunds - recognized_taxes
order by date
