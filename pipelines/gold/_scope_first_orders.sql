-- The first order of each customer with an order in scope, as it is now. Orders that did not change come after the
-- first of before, so that only it and those that changed can be first, but where it is lost.
create table in_orders.scope.first_orders as
with candidates as (
    select customer_id, order_id, created_at
    from in_orders.scope.first_orders_before
    where order_id not in (select order_id from memory.changed.orders)
    union all
    select customer_id, order_id, created_at
    from memory.changed.orders
    where side = 'after' and is_revenue_bearing(status) and customer_id is not null
    union all
    select customer_id, order_id, created_at
    from ($later_orders)
    where is_revenue_bearing(status) and customer_id in (select customer_id from in_orders.scope.lost_first)
)

select
    customer_id,
    min({'created_at': created_at, 'order_id': order_id}).order_id as order_id,
    min(created_at) as created_at
from candidates
group by customer_id;

-- It may be another one than before: both are in scope.
insert into in_orders.scope.orders
with firsts_before as (
    select firsts.order_id
    from in_orders.scope.first_orders_before as firsts
    inner join in_orders.scope.moved_customers as customers on firsts.customer_id = customers.customer_id
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
