-- One row per date from :start to :end on the accrual basis, in order of date.
select date, recognized_gross, recognized_discounts, recognized_taxes, recognized_refunds, recognized_net
from serving.fct_revenue_daily
where date between cast(:start as date) and cast(:end as date)
  and date > coalesce(cast(:after_date as date), '-infinity'::date)
order by date
limit cast(:limit as int)
