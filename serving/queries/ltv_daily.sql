-- One row per cohort_date of the window of :days, in order of cohort_date.
select cohort_date, window_days, cohort_size, is_mature, retained_customers, retention_rate,
       orders, net_revenue, ltv
from serving.fct_cohort_ltv
where window_days = cast(:days as int)
  and (is_mature or not cast(:only_mature as boolean))
  and cohort_date > coalesce(cast(:after_cohort_date as date), '-infinity'::date)
order by cohort_date
limit cast(:limit as int)
