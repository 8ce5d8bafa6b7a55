-- One row per month, the last 25: distinct customers who ordered, counted at the grain of the month.
select
    date_trunc('month', order_date)::date as month,
    count(distinct customer_id) as customers,
    count(distinct customer_id) filter (where is_first_order) as new_customers,
    date_trunc('month', order_date) + interval '1 month' <= cast(:as_of as date) + 1 as is_over
from serving.revenue_orders
where order_date between date_trunc('month', cast(:as_of as date)) - interval '24 months' and :as_of
group by date_trunc('month', order_date)
order by month
