-- One row per segment that has a customer.
select segment, customers, orders, net_revenue, revenue_share, avg_recency_days
from serving.agg_customer_segments
