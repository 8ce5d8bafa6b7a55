-- Detects: A day on which the bridge from booked to recognised net does not close.
-- Why: Undelivered and earlier orders explain the whole difference; a rest is revenue counted twice or lost.
-- Severity: blocking
-- Table: gold.agg_revenue_bridge
select date, booked_net, recognized_net, booked_not_delivered, delivered_from_before, residual
from gold.agg_revenue_bridge
where residual is distinct from 0
order by date
