-- One row per cohort_month and months_since, up to the as-of date's month; an idle month is zeros.
with revenue_orders as (
    select order_id, customer_id, order_date, gross_revenue - discounts - taxes as net_amount
    from gold.fct_orders
    -- Guests are in no cohort, and orders after the as-of date in none yet.
    where is_revenue and customer_id is not null and order_date <= $as_of
),

members as (
    select customer_id, date_trunc('month', min(order_date)) as cohort_month
    from revenue_orders
    group by customer_id
),

cohorts as (
    select cohort_month, count(*) as cohort_size from members group by cohort_month
),

cohort_months as (
    select
        cohort_month,
        cohort_size,
        unnest(generate_series(0, date_diff('month', cohort_month, $as_of))) as months_since
    from cohorts
),

orders_in_month as (
    select
        members.cohort_month,
        date_diff('month', members.cohort_month, orders.order_date) as months_since,
        count(*) as orders,
        count(distinct orders.customer_id) as active_customers,
        sum(orders.net_amount) as net_amount
    from revenue_orders as orders
    -- Every buyer is a member of one cohort.
    inner join members on orders.customer_id = members.customer_id
    group by members.cohort_month, date_diff('month', members.cohort_month, orders.order_date)
),

refunds_in_month as (
    select
        members.cohort_month,
        date_diff('month', members.cohort_month, returns.return_date) as months_since,
        sum(returns.refund_amount) as refunds
    from gold.fct_returns as returns
    -- Returns of guests and of orders without revenue stand in fct_returns.
    inner join revenue_orders as orders on returns.order_id = orders.order_id
    inner join members on orders.customer_id = members.customer_id
    -- Later returns have no month here yet.
    where returns.return_date <= $as_of
    group by members.cohort_month, date_diff('month', members.cohort_month, returns.return_date)
),

monthly_sums as (
    select
        cohort_months.cohort_month,
        cohort_months.months_since,
        cohort_months.cohort_size,
        coalesce(orders_in_month.active_customers, 0) as active_customers,
        coalesce(orders_in_month.orders, 0) as orders,
        coalesce(orders_in_month.net_amount, 0) - coalesce(refunds_in_month.refunds, 0) as net_revenue
    from cohort_months
    left join orders_in_month
        on
            cohort_months.cohort_month = orders_in_month.cohort_month
            and cohort_months.months_since = orders_in_month.months_since
    left join refunds_in_month
        on
            cohort_months.cohort_month = refunds_in_month.cohort_month
            and cohort_months.months_since = refunds_in_month.months_since
),

running_sums as (
    select
        *,
        sum(net_revenue) over (
            partition by cohort_month order by months_since rows unbounded preceding
        ) as net_revenue_so_far
    from monthly_sums
)

select
    cohort_month,
    months_since,
    cohort_size,
    active_customers,
    active_customers / cohort_size as retention_rate,
    orders,
    net_revenue,
    exact_quotient(net_revenue_so_far, cohort_size) as cumulative_ltv
from running_sums
