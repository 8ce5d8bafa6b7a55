-- The first order, before, of each customer with an order in scope.
create table in_orders.scope.first_orders_before as
select customer_id, order_id, created_at
from ($first_orders)
where
    is_first_order
    and customer_id in (select customer_id from in_orders.scope.customers where first_in_question)
union all
-- Where all in scope is of later dates, a row on its date stands for it: that it was earlier is all that counts.
select customer_id, 'first of ' || customer_id as order_id, first_order_date as created_at
from in_orders.scope.customers
where not first_in_question;

-- Customers whose first order is gone, came later or counts no more: which one is first now, their other orders tell.
create table in_orders.scope.lost_first as
select firsts.customer_id, cast(firsts.created_at as date) as since
from in_orders.scope.first_orders_before as firsts
semi join memory.changed.orders as changed on firsts.order_id = changed.order_id
anti join (select * from memory.changed.orders where side = 'after' and is_revenue_bearing(status)) as now
    on
        firsts.order_id = now.order_id
        and firsts.customer_id = now.customer_id
        and firsts.created_at >= now.created_at;
