-- What the rows of the orders in scope are computed from.
create table in_orders.silver.orders as
select * from ($orders) where order_id in (select order_id from in_orders.scope.orders)
union all by name
-- Beside them the first order of each of their customers: without it another would seem the first.
select order_id, customer_id, created_at, 'paid' as status
from in_orders.scope.first_orders
where order_id not in (select order_id from in_orders.scope.orders);

create table in_orders.silver.order_items as
select * from ($order_items) where order_id in (select order_id from in_orders.scope.orders);

create table in_orders.silver.returns as
select * from ($returns) where order_id in (select order_id from in_orders.scope.orders);
