-- The orders whose rows a landing can have changed, and the silver rows they are computed from.

-- Of products whose history changed, the lines since then; the first version holds for all time before it.
create table in_orders.scope.products as
select
    changed.product_id,
    case
        when min(changed.updated_at) <= (
            select min(versions.updated_at) from memory.silver.product_versions as versions
            where versions.product_id = changed.product_id
        ) then date '1900-01-01'
        else cast(min(changed.updated_at) as date)
    end as since
from memory.changed.product_versions as changed
group by changed.product_id;

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
-- A store that came or went; what it is called does not matter here.
select orders.order_id
from memory.silver.orders as orders
inner join (
    select store_id from memory.changed.stores group by store_id having count(distinct side) = 1
) as stores on orders.store_id = stores.store_id;

-- The first order of a customer may be another one now: it and the one before it are in scope, too.
create table in_orders.scope.customers as
select distinct customer_id from memory.changed.orders where customer_id is not null;

create table in_orders.scope.first_orders as
select orders.customer_id, arg_min(orders.order_id, {'at': orders.created_at, 'id': orders.order_id}) as order_id
from memory.silver.orders as orders
where
    is_revenue_bearing(orders.status)
    and orders.customer_id in (
        select customer_id from in_orders.scope.customers
        union
        select named.customer_id
        from memory.silver.orders as named
        inner join in_orders.scope.orders as scope on named.order_id = scope.order_id
    )
group by orders.customer_id;

insert into in_orders.scope.orders
select order_id
from (
    select firsts.order_id
    from in_orders.scope.first_orders as firsts
    inner join in_orders.scope.customers as customers on firsts.customer_id = customers.customer_id
    union
    select orders.order_id
    from memory.before.fct_orders as orders
    inner join in_orders.scope.customers as customers on orders.customer_id = customers.customer_id
    where orders.is_first_order
) as firsts
where
    order_id not in (select order_id from in_orders.scope.orders)
    and order_id not in (
        -- First before and first now: nothing moved.
        select firsts.order_id
        from in_orders.scope.first_orders as firsts
        inner join memory.before.fct_orders as orders on firsts.order_id = orders.order_id
        where orders.is_first_order
    );

-- Beside the orders in scope, the first order of each of their customers: without it another would seem the first.
create table in_orders.silver.orders as
select orders.*
from memory.silver.orders as orders
where
    orders.order_id in (
        select order_id from in_orders.scope.orders union select order_id from in_orders.scope.first_orders
    );

create table in_orders.silver.order_items as
select items.* from memory.silver.order_items as items
where items.order_id in (select order_id from in_orders.scope.orders);

create table in_orders.silver.returns as
select returns.* from memory.silver.returns as returns
where returns.order_id in (select order_id from in_orders.scope.orders);
