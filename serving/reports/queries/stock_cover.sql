-- One row per product with stock movements that ships: how many days its stock lasts at the pace of 30 days, least first.
select
    coalesce(products.product_name, stock.product_id) as product_name,
    stock.available,
    stock.reorder_point,
    round(stock.avg_daily_shipped_30d::numeric, 2)::float8 as shipped_a_day,
    round(stock.days_of_cover::numeric, 1)::float8 as days_of_cover
from serving.fct_inventory_daily as stock
left join serving.dim_product as products on products.product_id = stock.product_id and products.is_current
where stock.date = :as_of and stock.days_of_cover is not null
order by stock.days_of_cover, stock.product_id
limit 100
