-- One row per product out of stock in the last 13 months: an estimate of the revenue lost by it, the most first.
with losses as (
    select
        product_id,
        sum(days_out)::bigint as days_out,
        round(sum(lost_units)::numeric, 1)::float8 as lost_units,
        sum(lost_revenue) as revenue
    from serving.agg_stockout_loss
    where month >= date_trunc('month', cast(:as_of as date)) - interval '12 months' and month <= :as_of
    group by product_id
)
select
    coalesce(products.product_name, losses.product_id) as product_name,
    losses.days_out,
    losses.lost_units,
    losses.revenue as lost_revenue
from losses
left join serving.dim_product as products on products.product_id = losses.product_id and products.is_current
where losses.revenue > 0
order by losses.revenue desc, losses.product_id
limit 100
