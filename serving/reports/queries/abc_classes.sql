-- One row per ABC class: its products, and its share of net revenue and of products.
select
    abc_class,
    count(*) as products,
    sum(net_revenue) as net_revenue,
    (count(*)::numeric / sum(count(*)) over ())::float8 as product_share,
    coalesce((sum(net_revenue) / nullif(sum(sum(net_revenue)) over (), 0))::float8, 0) as revenue_share
from serving.agg_product_performance
group by abc_class
order by abc_class
