-- The dates whose figures a landing can have changed.
create table in_days.scope.days as
-- Dates that orders in scope were ordered, delivered or returned on, before or now.
select order_date as date from memory.touched.orders_before
union
select order_date from memory.touched.orders_now
union
select delivery_date from memory.touched.orders_before
union
select delivery_date from memory.touched.orders_now
union
select return_date from memory.touched.returns_before
union
select return_date from memory.touched.returns_now
union
-- Dates that were not there yet: up to the as-of date, and from a first order earlier than the one before.
select cast(unnest(generate_series($as_of_before + 1, $as_of, interval 1 day)) as date)
union
select cast(unnest(generate_series(
    $first_day, coalesce((select min(date) - 1 from memory.before.fct_revenue_daily), $as_of), interval 1 day
)) as date);

delete from in_days.scope.days where date is null;
