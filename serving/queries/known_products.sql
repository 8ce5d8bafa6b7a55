-- Of :ids those of a product.
select product_id as id from serving.dim_product where is_current and product_id = any(cast(:ids as text[]))
