-- One row per month of cohorts of the window of :days: sums, and figures made from the sums.
with months as (
    select date_trunc('month', cohort_date)::date as cohort_month,
           window_days,
           sum(cohort_size)::bigint as cohort_size,
           bool_and(is_mature) as is_mature,
           sum(retained_customers)::bigint as retained_customers,
           sum(orders)::bigint as orders,
           sum(net_revenue) as net_revenue
    from serving.fct_cohort_ltv
    where window_days = cast(:days as int)
    group by date_trunc('month', cohort_date), window_days
)
select cohort_month, window_days, cohort_size, is_mature, retained_customers,
       retained_customers::double precision / cohort_size as retention_rate,
       orders,
       net_revenue::numeric(18, 4) as net_revenue,
       -- rounded half away from zero from the exact quotient: a numeric quotient is itself rounded
       (sign(net_revenue) * div(2 * abs(net_revenue) * 10000 + cohort_size, 2 * cohort_size::numeric) / 10000)
           ::numeric(18, 4) as ltv
from months
where (is_mature or not cast(:only_mature as boolean))
