-- One row per date from :start to :end.
select date, orders, units, customers, new_customers, repeat_customers, guest_orders,
       gross_revenue, discounts, taxes, refunds, net_revenue, aov,
       orders_returned, return_rate, returns_received,
       recognized_gross, recognized_discounts, recognized_taxes, recognized_refunds, recognized_net
from serving.fct_revenue_daily
where date between cast(:start as date) and cast(:end as date)
