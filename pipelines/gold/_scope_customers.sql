-- Customers with an order in scope, and their first orders of before: among others, theirs decide which order is first.
create table in_orders.scope.customers as
select customer_id from in_orders.scope.moved_customers
union
select customer_id
from ($orders)
where customer_id is not null and order_id in (select order_id from in_orders.scope.orders);
