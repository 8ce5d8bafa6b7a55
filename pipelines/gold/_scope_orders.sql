-- The orders whose rows a landing can have changed.
create table in_orders.scope.orders as
select order_id from memory.changed.orders
union
select order_id from memory.changed.order_items
union
select order_id from memory.changed.returns
union
select items.order_id
from memory.silver.order_items as items
inner join in_orders.scope.products as products on items.product_id = products.product_id
where items.order_date >= products.since and items.order_date >= $since
union
-- Returns dated ahead count for their order once the as-of date is there.
select order_id
from memory.before.fct_returns
where return_date > $as_of_before and return_date <= $as_of
union
-- A store that came or went; what it is called does not matter here.
select orders.order_id
from memory.silver.orders as orders
inner join (
    select store_id from memory.changed.stores group by store_id having count(distinct side) = 1
) as stores on orders.store_id = stores.store_id;

create table in_orders.scope.moved_customers as
select distinct customer_id from memory.changed.orders where customer_id is not null;
