-- One row per product of :ids and unbroken time of one list price, oldest first.
select product_id, product_key, list_price, valid_from, valid_to, is_current
from serving.dim_product
where product_id = any(cast(:ids as text[]))
order by product_id, valid_from
