-- One row per pair of products bought together, the strongest first: lift is how much more often than by chance.
select
    coalesce(one.product_name, pairs.product_a) || ' + ' || coalesce(other.product_name, pairs.product_b) as pair,
    pairs.orders_together,
    pairs.support::float8 as support,
    pairs.confidence_ab::float8 as confidence_ab,
    pairs.confidence_ba::float8 as confidence_ba,
    round(pairs.lift::numeric, 2)::float8 as lift
from serving.agg_product_pairs as pairs
left join serving.dim_product as one on one.product_id = pairs.product_a and one.is_current
left join serving.dim_product as other on other.product_id = pairs.product_b and other.is_current
order by pairs.lift desc, pairs.orders_together desc, pairs.product_a, pairs.product_b
limit 50
