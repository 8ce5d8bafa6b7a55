-- One row per RFM segment that has a customer.
with segment_sums as (
    select
        segment,
        count(*) as customers,
        sum(orders) as orders,
        sum(net_revenue) as net_revenue,
        sum(recency_days) as recency_days,
        count(recency_days) as buyers
    from gold.dim_customer
    group by segment
)

select
    segment,
    customers,
    orders,
    net_revenue,
    net_revenue / nullif(sum(net_revenue) over (), 0) as revenue_share,
    recency_days / nullif(buyers, 0) as avg_recency_days
from segment_sums
