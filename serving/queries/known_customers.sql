-- Of :ids those of a customer.
select customer_id as id from serving.dim_customer where customer_id = any(cast(:ids as text[]))
