-- One row per product of :product_id and product bought together with it.
with pairs as (
    select product_a as product_id, product_b as with_product_id, orders_together, support,
           confidence_ab as confidence, lift
    from serving.agg_product_pairs
    where product_a = any(cast(:product_id as text[]))
    union all
    select product_b, product_a, orders_together, support, confidence_ba, lift
    from serving.agg_product_pairs
    where product_b = any(cast(:product_id as text[]))
)
select pairs.product_id,
       pairs.with_product_id,
       products.product_name as with_product_name,
       pairs.orders_together,
       pairs.support,
       pairs.confidence,
       pairs.lift
from pairs
left join serving.dim_product as products on products.product_id = pairs.with_product_id and products.is_current
