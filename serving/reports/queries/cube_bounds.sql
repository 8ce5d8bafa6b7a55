-- One row: the first date there is, null before the first order.
select min(date) as first_date
from serving.fct_revenue_daily
where date <= :as_of
