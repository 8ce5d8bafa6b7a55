-- One row per group of sales by order date and refunds by return date, from the cube; its `orders` add up
-- where each row is of one category, or one category is asked for.
-- chosen: date, week, month, country, region, city, store, channel, category, segment
with placed as (
    select date,
           date_trunc('week', date)::date as week,
           date_trunc('month', date)::date as month,
           country, region, city, store_id as store, channel, category, segment,
           orders, units, gross_revenue, discounts, taxes, refunds, net_revenue, profit
    from serving.agg_sales_daily
    where date between cast(:start as date) and cast(:end as date)
      and (cast(:country as text[]) is null or country = any(cast(:country as text[])))
      and (cast(:region as text[]) is null or region = any(cast(:region as text[])))
      and (cast(:city as text[]) is null or city = any(cast(:city as text[])))
      and (cast(:store as text[]) is null or store_id = any(cast(:store as text[])))
      and (cast(:channel as text[]) is null or channel = any(cast(:channel as text[])))
      and (cast(:category as text[]) is null or category = any(cast(:category as text[])))
      and (cast(:segment as text[]) is null or segment = any(cast(:segment as text[])))
)
select {chosen},
       sum(orders)::bigint as orders,
       sum(units)::bigint as units,
       sum(gross_revenue)::numeric(18, 4) as gross_revenue,
       sum(discounts)::numeric(18, 4) as discounts,
       sum(taxes)::numeric(18, 4) as taxes,
       sum(refunds)::numeric(18, 4) as refunds,
       sum(net_revenue)::numeric(18, 4) as net_revenue,
       sum(profit)::numeric(18, 4) as profit
from placed
group by {chosen}
