-- One row per date from :start to :end on the accrual basis.
select date, recognized_gross, recognized_discounts, recognized_taxes, recognized_refunds, recognized_net
from serving.fct_revenue_daily
where date between cast(:start as date) and cast(:end as date)
