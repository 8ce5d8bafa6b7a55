-- One row per month of first order, the last 13, and month since: the share of its customers active then. Null where
-- that month is not over: not every customer has lived through it.
select
    cohort_month,
    months_since,
    cohort_size,
    active_customers,
    case
        when cohort_month + make_interval(months => months_since::int + 1) <= cast(:as_of as date) + 1
            then retention_rate::float8
    end as retention,
    case
        when cohort_month + make_interval(months => months_since::int + 1) <= cast(:as_of as date) + 1
            then cumulative_ltv
    end as cumulative_ltv
from serving.fct_cohort_monthly
where cohort_month between date_trunc('month', cast(:as_of as date)) - interval '12 months' and :as_of
  and cohort_size > 0
order by cohort_month, months_since
