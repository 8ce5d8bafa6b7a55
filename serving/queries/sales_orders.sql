-- One row per group of sales by order date and refunds by return date, of all categories: the cube adds up but for
-- its orders, each of which is in one group and counted here, where it has a line.
-- chosen: date, week, month, country, region, city, store, channel, segment
with placed as (
    select orders.order_date as date,
           date_trunc('week', orders.order_date)::date as week,
           date_trunc('month', orders.order_date)::date as month,
           orders.*
    from {query: placed_orders} as orders
    where orders.is_revenue
      and orders.items > 0
      and orders.order_date between cast(:start as date) and cast(:end as date)
),
counted as (
    select {chosen}, count(*) as orders
    from placed
    group by {chosen}
)
select {chosen},
       coalesce(counted.orders, 0) as orders,
       units,
       gross_revenue,
       discounts,
       taxes,
       refunds,
       net_revenue,
       profit
from {query: sales_cube} as figures
left join counted using ({chosen})
