-- One row per product sold, the 300 with the most net revenue over all days.
select
    product_id,
    coalesce(product_name, product_id) as product_name,
    coalesce(category, 'unknown') as category,
    abc_class,
    orders,
    units,
    net_revenue,
    profit,
    margin::float8 as margin,
    return_rate::float8 as return_rate,
    revenue_share::float8 as revenue_share,
    cumulative_share::float8 as cumulative_share
from serving.agg_product_performance
order by net_revenue desc, product_id
limit 300
