-- One row per whole month that is over: orders and net revenue.
select
    date_trunc('month', date)::date as month,
    sum(orders)::bigint as orders,
    sum(net_revenue) as net_revenue
from serving.fct_revenue_daily
where date <= :as_of
group by date_trunc('month', date)
having count(*) = extract(day from date_trunc('month', max(date)) + interval '1 month' - interval '1 day')
order by month
