-- One row per cohort_date and window_days; a window without a second order or any revenue is zeros.
with revenue_orders as (
    select order_id, customer_id, order_date, gross_revenue - discounts - taxes as net_amount
    from gold.fct_orders
    -- Guests are in no cohort.
    where is_revenue and customer_id is not null
),

members as (
    select customer_id, min(order_date) as cohort_date from revenue_orders group by customer_id
),

window_lengths(window_days) as (
    values (7), (30), (90)
),

cohort_windows as (
    select members.cohort_date, window_lengths.window_days, count(*) as cohort_size
    from members
    cross join window_lengths
    group by members.cohort_date, window_lengths.window_days
),

-- Sales count at the age of the order, refunds at the age of the return.
events as (
    select members.cohort_date, orders.order_date - members.cohort_date as age, 1 as orders, orders.net_amount
    from revenue_orders as orders
    -- Every buyer is a member of one cohort.
    inner join members on orders.customer_id = members.customer_id
    union all
    select
        members.cohort_date,
        returns.return_date - members.cohort_date as age,
        0 as orders,
        -returns.refund_amount as net_amount
    from gold.fct_returns as returns
    -- Returns of guests and of orders without revenue stand in fct_returns.
    inner join revenue_orders as orders on returns.order_id = orders.order_id
    inner join members on orders.customer_id = members.customer_id
),

events_by_age as (
    select cohort_date, age, sum(orders) as orders, sum(net_amount) as net_amount
    from events
    group by cohort_date, age
),

events_in_window as (
    select
        cohort_windows.cohort_date,
        cohort_windows.window_days,
        sum(events_by_age.orders) as orders,
        sum(events_by_age.net_amount) as net_revenue
    from cohort_windows
    -- Events past a window count in the longer ones, past the last in fct_cohort_monthly.
    inner join events_by_age
        on
            cohort_windows.cohort_date = events_by_age.cohort_date
            and events_by_age.age between 0 and cohort_windows.window_days - 1
    group by cohort_windows.cohort_date, cohort_windows.window_days
),

second_dates as (
    select members.customer_id, members.cohort_date, min(orders.order_date) - members.cohort_date as age
    from members
    inner join revenue_orders as orders on members.customer_id = orders.customer_id
    -- More orders on the first day retain nobody.
    where orders.order_date > members.cohort_date
    group by members.customer_id, members.cohort_date
),

retained_in_window as (
    select cohort_windows.cohort_date, cohort_windows.window_days, count(*) as retained_customers
    from cohort_windows
    inner join second_dates
        on
            cohort_windows.cohort_date = second_dates.cohort_date
            and second_dates.age < cohort_windows.window_days
    group by cohort_windows.cohort_date, cohort_windows.window_days
)

select
    cohort_windows.cohort_date,
    cohort_windows.window_days,
    cohort_windows.cohort_size,
    cohort_windows.cohort_date + cohort_windows.window_days <= $as_of + 1 as is_mature,
    coalesce(retained.retained_customers, 0) as retained_customers,
    coalesce(retained.retained_customers, 0) / cohort_windows.cohort_size as retention_rate,
    events.orders,
    events.net_revenue,
    exact_quotient(events.net_revenue, cohort_windows.cohort_size) as ltv
from cohort_windows
-- Every cohort has its members' first orders in every window.
inner join events_in_window as events
    on cohort_windows.cohort_date = events.cohort_date and cohort_windows.window_days = events.window_days
left join retained_in_window as retained
    on cohort_windows.cohort_date = retained.cohort_date and cohort_windows.window_days = retained.window_days
