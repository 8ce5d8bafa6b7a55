-- One row per date, dense from the first order, return or movement to the as-of date.
with event_dates as (
    select order_date as event_date from silver.orders
    union all
    select return_date as event_date from silver.returns
    union all
    select movement_date as event_date from silver.inventory_movements
),

first_event as (
    select min(event_date) as first_date from event_dates
),

-- No event at all, or none up to the as-of date, is no date.
calendar as (
    select cast(unnest(generate_series(first_date, $as_of, interval 1 day)) as date) as date_key
    from first_event
)

select
    date_key,
    extract(year from date_key) as year,
    extract(quarter from date_key) as quarter,
    extract(month from date_key) as month,
    date_trunc('month', date_key) as month_start,
    date_trunc('week', date_key) as week_start,
    extract(isodow from date_key) as day_of_week,
    extract(isodow from date_key) >= 6 as is_weekend
from calendar
