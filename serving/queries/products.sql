-- One row per product: its current version, and what it earned so far (null where it never sold).
select products.product_id,
       products.product_name,
       products.category,
       products.subcategory,
       products.brand,
       products.list_price,
       products.unit_cost,
       products.reorder_point,
       coalesce(earned.orders, 0) as orders,
       coalesce(earned.units, 0) as units,
       coalesce(earned.gross_revenue, 0)::numeric(18, 4) as gross_revenue,
       coalesce(earned.discounts, 0)::numeric(18, 4) as discounts,
       coalesce(earned.refunds, 0)::numeric(18, 4) as refunds,
       coalesce(earned.net_revenue, 0)::numeric(18, 4) as net_revenue,
       earned.cost,
       earned.profit,
       earned.margin,
       earned.return_rate,
       earned.revenue_share,
       earned.cumulative_share,
       earned.abc_class
from serving.dim_product as products
left join serving.agg_product_performance as earned on earned.product_id = products.product_id
where products.is_current
  and (cast(:product_id as text[]) is null or products.product_id = any(cast(:product_id as text[])))
  and (cast(:category as text[]) is null or products.category = any(cast(:category as text[])))
  and (cast(:abc_class as text[]) is null or earned.abc_class = any(cast(:abc_class as text[])))
