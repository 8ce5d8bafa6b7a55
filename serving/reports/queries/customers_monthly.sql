-- One row per month since the first with a customer, the last 25: distinct customers who ordered. Each is in one
-- cohort, so the active ones of all cohorts add up.
with months as (
    select (cohort_month + make_interval(months => months_since::int))::date as month, months_since, active_customers
    from serving.fct_cohort_monthly
)
select
    month,
    sum(active_customers)::bigint as customers,
    coalesce(sum(active_customers) filter (where months_since = 0), 0)::bigint as new_customers,
    month + interval '1 month' <= cast(:as_of as date) + 1 as is_over
from months
where month between date_trunc('month', cast(:as_of as date)) - interval '24 months' and :as_of
group by month
order by month
