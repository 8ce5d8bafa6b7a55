-- One row per date from :start to :end.
select date, booked_net, recognized_net, booked_not_delivered, delivered_from_before, deferred, residual
from serving.agg_revenue_bridge
where date between cast(:start as date) and cast(:end as date)
