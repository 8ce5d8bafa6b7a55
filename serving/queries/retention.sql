-- One row per cohort_month and months_since of cohorts from :start to :end.
select cohort_month, months_since, cohort_size, active_customers, retention_rate, orders, net_revenue, cumulative_ltv
from serving.fct_cohort_monthly
where cohort_month between cast(:start as date) and cast(:end as date)
