-- One row per group of sales by order date and refunds by return date, of all categories: the cube adds up but for
-- its orders, each of which is in one group and counted here, where it has a line.
-- chosen: date, week, month, country, region, city, store, channel, segment
with figures as (
    select date,
           date_trunc('week', date)::date as week,
           date_trunc('month', date)::date as month,
           country, region, city, store_id as store, channel, segment,
           units, gross_revenue, discounts, taxes, refunds, net_revenue, profit
    from serving.agg_sales_daily
    where date between cast(:start as date) and cast(:end as date)
      and (cast(:country as text[]) is null or country = any(cast(:country as text[])))
      and (cast(:region as text[]) is null or region = any(cast(:region as text[])))
      and (cast(:city as text[]) is null or city = any(cast(:city as text[])))
      and (cast(:store as text[]) is null or store_id = any(cast(:store as text[])))
      and (cast(:channel as text[]) is null or channel = any(cast(:channel as text[])))
      and (cast(:segment as text[]) is null or segment = any(cast(:segment as text[])))
),
placed as (
    select orders.order_date as date,
           date_trunc('week', orders.order_date)::date as week,
           date_trunc('month', orders.order_date)::date as month,
           coalesce(case when stores.channel = 'retail' then stores.country else customers.country end, 'unknown')
               as country,
           coalesce(case when stores.channel = 'retail' then stores.region else customers.region end, 'unknown')
               as region,
           coalesce(case when stores.channel = 'retail' then stores.city else customers.city end, 'unknown') as city,
           orders.store_id as store,
           stores.channel,
           coalesce(customers.segment, 'Guest') as segment
    from serving.fct_orders as orders
    inner join serving.dim_store as stores on stores.store_id = orders.store_id
    left join serving.dim_customer as customers on customers.customer_id = orders.customer_id
    where orders.is_revenue
      and orders.items > 0
      and orders.order_date between cast(:start as date) and cast(:end as date)
),
grouped as (
    select {chosen},
           sum(units)::bigint as units,
           sum(gross_revenue)::numeric(18, 4) as gross_revenue,
           sum(discounts)::numeric(18, 4) as discounts,
           sum(taxes)::numeric(18, 4) as taxes,
           sum(refunds)::numeric(18, 4) as refunds,
           sum(net_revenue)::numeric(18, 4) as net_revenue,
           sum(profit)::numeric(18, 4) as profit
    from figures
    group by {chosen}
),
counted as (
    select {chosen}, count(*) as orders
    from placed
    where (cast(:country as text[]) is null or country = any(cast(:country as text[])))
      and (cast(:region as text[]) is null or region = any(cast(:region as text[])))
      and (cast(:city as text[]) is null or city = any(cast(:city as text[])))
      and (cast(:store as text[]) is null or store = any(cast(:store as text[])))
      and (cast(:channel as text[]) is null or channel = any(cast(:channel as text[])))
      and (cast(:segment as text[]) is null or segment = any(cast(:segment as text[])))
    group by {chosen}
)
select {chosen},
       coalesce(orders, 0) as orders,
       units,
       gross_revenue,
       discounts,
       taxes,
       refunds,
       net_revenue,
       profit
from grouped
left join counted using ({chosen})
