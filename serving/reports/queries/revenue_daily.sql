-- One row per date, the last 30 up to the as-of date: the line of the archive.
select date, net_revenue
from serving.fct_revenue_daily
where date between cast(:as_of as date) - 29 and :as_of
order by date
