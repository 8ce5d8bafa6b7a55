-- Orders with where they were placed and by whom, by the rules of the cube, in the places and segments that are asked
-- for: part of other queries.
select orders.order_id,
       orders.order_date,
       orders.is_revenue,
       orders.items,
       orders.payment_method,
       places.country,
       places.region,
       places.city,
       orders.store_id as store,
       stores.channel,
       places.segment
from serving.fct_orders as orders
inner join serving.dim_store as stores on stores.store_id = orders.store_id
left join serving.dim_customer as customers on customers.customer_id = orders.customer_id
cross join lateral (
    select coalesce(case when stores.channel = 'retail' then stores.country else customers.country end, 'unknown')
               as country,
           coalesce(case when stores.channel = 'retail' then stores.region else customers.region end, 'unknown')
               as region,
           coalesce(case when stores.channel = 'retail' then stores.city else customers.city end, 'unknown') as city,
           coalesce(customers.segment, 'Guest') as segment
) as places
where (cast(:country as text[]) is null or places.country = any(cast(:country as text[])))
  and (cast(:region as text[]) is null or places.region = any(cast(:region as text[])))
  and (cast(:city as text[]) is null or places.city = any(cast(:city as text[])))
  and (cast(:store as text[]) is null or orders.store_id = any(cast(:store as text[])))
  and (cast(:channel as text[]) is null or stores.channel = any(cast(:channel as text[])))
  and (cast(:segment as text[]) is null or places.segment = any(cast(:segment as text[])))
