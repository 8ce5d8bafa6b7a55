-- The first order of a customer may be another one now: it and the one before it are in scope, too.
-- Here of every customer with an order in scope.
create table in_orders.scope.first_orders as
with revenue_orders as (
    select customer_id, {'created_at': created_at, 'order_id': order_id} as placed
    from memory.silver.orders
    where
        is_revenue_bearing(status)
        and customer_id in (
            select customer_id from in_orders.scope.moved_customers
            union
            select customer_id from ($orders) where order_id in (select order_id from in_orders.scope.orders)
        )
)

select customer_id, min(placed).order_id as order_id, min(placed).created_at as created_at
from revenue_orders
group by customer_id;

insert into in_orders.scope.orders
with firsts_before as (
    select orders.order_id
    from ($first_orders_before) as orders
    inner join in_orders.scope.moved_customers as customers on orders.customer_id = customers.customer_id
    where orders.is_first_order
),

firsts_now as (
    select firsts.order_id
    from in_orders.scope.first_orders as firsts
    inner join in_orders.scope.moved_customers as customers on firsts.customer_id = customers.customer_id
),

moved as (
    (select order_id from firsts_now except select order_id from firsts_before)
    union
    (select order_id from firsts_before except select order_id from firsts_now)
)

select order_id from moved where order_id not in (select order_id from in_orders.scope.orders);
