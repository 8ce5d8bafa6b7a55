-- One row per month of first order, the last 13: retention and value in the 7, 30 and 90 days after it.
-- A window is final once the month is over and every customer of it has lived through the window.
with windows as (
    select
        date_trunc('month', cohort_date)::date as cohort_month,
        window_days,
        sum(cohort_size)::bigint as customers,
        sum(retained_customers)::numeric as retained,
        sum(net_revenue) as net_revenue,
        bool_and(is_mature)
            and date_trunc('month', max(cohort_date)) + interval '1 month' <= cast(:as_of as date) + 1 as is_final
    from serving.fct_cohort_ltv
    where cohort_date <= :as_of
      and cohort_date >= date_trunc('month', cast(:as_of as date)) - interval '12 months'
    group by date_trunc('month', cohort_date), window_days
),
figures as (
    select
        cohort_month,
        window_days,
        customers,
        is_final,
        (retained / nullif(customers, 0))::float8 as retention,
        round(net_revenue / nullif(customers, 0), 4) as ltv
    from windows
)
select
    cohort_month,
    max(customers) as customers,
    max(retention) filter (where window_days = 7) as retention_7,
    max(retention) filter (where window_days = 30) as retention_30,
    max(retention) filter (where window_days = 90) as retention_90,
    max(ltv) filter (where window_days = 7) as ltv_7,
    max(ltv) filter (where window_days = 30) as ltv_30,
    max(ltv) filter (where window_days = 90) as ltv_90,
    bool_and(is_final) filter (where window_days = 7) as final_7,
    bool_and(is_final) filter (where window_days = 30) as final_30,
    bool_and(is_final) filter (where window_days = 90) as final_90
from figures
group by cohort_month
having max(customers) > 0
order by cohort_month
