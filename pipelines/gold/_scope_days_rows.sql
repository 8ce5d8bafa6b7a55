-- What the figures of the dates in scope are computed from: orders placed, delivered or returned on them.
create table in_days.gold.fct_orders as
select
    -- What models of this scope read, a third of the columns.
    order_id,
    customer_id,
    order_date,
    delivered_at,
    is_revenue,
    is_first_order,
    units,
    gross_revenue,
    discounts,
    taxes
from ($orders)
where
    order_date in ($days)
    or cast(delivered_at as date) in ($days)
    -- The first date of all, from which the dates are dense.
    or order_date = $first_day;
