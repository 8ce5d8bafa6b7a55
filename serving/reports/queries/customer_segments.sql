-- One row per customer segment of the as-of date; guests are in none.
select
    segment,
    customers,
    orders,
    net_revenue,
    revenue_share::float8 as revenue_share,
    round(avg_recency_days::numeric, 1)::float8 as avg_recency_days
from serving.agg_customer_segments
order by net_revenue desc, segment
