-- Of :ids those of an order.
select order_id as id from serving.fct_orders where order_id = any(cast(:ids as text[]))
