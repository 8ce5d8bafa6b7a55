-- One row per date: what is booked and not yet delivered at its end. A level: it does not add up over days.
select date, booked_net, recognized_net, deferred, residual
from serving.agg_revenue_bridge
where date <= :as_of
order by date
