-- One row per product with 20 units sold or more and something returned, the highest share of units back first.
select
    coalesce(product_name, product_id) as product_name,
    coalesce(category, 'unknown') as category,
    units,
    refunds,
    return_rate::float8 as return_rate
from serving.agg_product_performance
where units >= 20 and return_rate > 0
order by return_rate desc, units desc, product_id
limit 100
