-- One row per cohort_date of the window of :days.
select cohort_date, window_days, cohort_size, is_mature, retained_customers, retention_rate,
       orders, net_revenue, ltv
from serving.fct_cohort_ltv
where window_days = cast(:days as int)
  and (is_mature or not cast(:only_mature as boolean))
