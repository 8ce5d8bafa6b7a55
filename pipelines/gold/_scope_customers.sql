-- Customers with an order in scope, and the date of the earliest such order, before or now.
create table in_orders.scope.customers as
with touched_orders as (
    select customer_id, order_date from memory.changed.orders
    union all
    select customer_id, order_date from ($orders) where order_id in (select order_id from in_orders.scope.orders)
),

customers as (
    select customer_id, min(order_date) as first_touched
    from touched_orders
    where customer_id is not null
    group by customer_id
)

-- Whether the first order of before is among those in scope, or may be one no more, its date tells for nearly all.
select
    customers.customer_id,
    before.first_order_date,
    before.first_order_date >= customers.first_touched as first_in_question
from customers
-- Without an order before there is no first one to know.
inner join memory.before.dim_customer as before on customers.customer_id = before.customer_id
where before.first_order_date is not null;
