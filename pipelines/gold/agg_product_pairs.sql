-- One row per two products bought together in at least min_pair_orders orders.
with baskets as (
    select distinct order_id, product_id
    from gold.fct_order_items
    -- Lines without revenue stand in fct_order_items.
    where is_revenue
),

basket_count as (
    select count(distinct order_id) as orders from baskets
),

product_orders as (
    select product_id, count(*) as orders
    from baskets
    group by product_id
    -- A product in fewer orders is in no pair of so many; this keeps the pairs few.
    having count(*) >= $min_pair_orders
),

frequent_baskets as (
    select baskets.order_id, baskets.product_id
    from baskets
    -- Leaves out the rare products; basket_count has their orders.
    inner join product_orders on baskets.product_id = product_orders.product_id
),

pairs as (
    select
        first_product.product_id as product_a,
        second_product.product_id as product_b,
        count(*) as orders_together
    from frequent_baskets as first_product
    inner join frequent_baskets as second_product
        on
            first_product.order_id = second_product.order_id
            and first_product.product_id < second_product.product_id
    group by first_product.product_id, second_product.product_id
    -- What rarely meets says nothing.
    having count(*) >= $min_pair_orders
)

select
    pairs.product_a,
    pairs.product_b,
    pairs.orders_together,
    pairs.orders_together / basket_count.orders as support,
    pairs.orders_together / orders_a.orders as confidence_ab,
    pairs.orders_together / orders_b.orders as confidence_ba,
    pairs.orders_together * basket_count.orders / (orders_a.orders * orders_b.orders) as lift
from pairs
cross join basket_count
-- Both products of a pair are frequent.
inner join product_orders as orders_a on pairs.product_a = orders_a.product_id
inner join product_orders as orders_b on pairs.product_b = orders_b.product_id
