-- The dates whose figures a landing can have changed, and the gold rows they are computed from.
create table in_days.scope.days as
-- Dates that orders in scope were ordered, delivered or returned on, before or now.
select order_date as date
from memory.before.fct_orders where order_id in (select order_id from in_orders.scope.orders)
union
select order_date from memory.gold.fct_orders where order_id in (select order_id from in_orders.scope.orders)
union
select cast(delivered_at as date)
from memory.before.fct_orders where order_id in (select order_id from in_orders.scope.orders)
union
select cast(delivered_at as date)
from memory.gold.fct_orders where order_id in (select order_id from in_orders.scope.orders)
union
select return_date from memory.before.fct_returns where order_id in (select order_id from in_orders.scope.orders)
union
select return_date from memory.gold.fct_returns where order_id in (select order_id from in_orders.scope.orders)
union
-- Dates that were not there yet: up to the as-of date, and from a first order earlier than the one before.
select cast(unnest(generate_series($as_of_before + 1, $as_of, interval 1 day)) as date)
union
select cast(unnest(generate_series(
    (select min(order_date) from memory.gold.fct_orders),
    coalesce((select min(date) from memory.before.fct_revenue_daily), $as_of),
    interval 1 day
)) as date)
union
-- Returns dated ahead count for their order's date once the as-of date is there.
select orders.order_date
from memory.gold.fct_returns as returns
inner join memory.gold.fct_orders as orders on returns.order_id = orders.order_id
where returns.return_date > $as_of_before and returns.return_date <= $as_of;

delete from in_days.scope.days where date is null;

create table in_days.gold.fct_returns as
select returns.*
from memory.gold.fct_returns as returns
where
    returns.return_date in (select date from in_days.scope.days)
    or returns.order_id in (
        select order_id from memory.gold.fct_orders where order_date in (select date from in_days.scope.days)
    );

create table in_days.gold.fct_orders as
select orders.*
from memory.gold.fct_orders as orders
where
    orders.order_date in (select date from in_days.scope.days)
    or cast(orders.delivered_at as date) in (select date from in_days.scope.days)
    or orders.order_id in (select order_id from in_days.gold.fct_returns)
    -- The first date of all, from which the dates are dense.
    or orders.order_date = (select min(order_date) from memory.gold.fct_orders);
