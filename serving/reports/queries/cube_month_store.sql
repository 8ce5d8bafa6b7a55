-- One row per month (its first day) and place, where an order stands once. Sales on the order date, refunds on the return
-- date. Money in 1/10000.
select
    date - extract(day from date)::int + 1 as date,
    channel,
    country,
    region,
    city,
    store_id,
    {part: sums_of_orders}
from {query: order_sums} as sums
where date between :since and :as_of
group by 1, 2, 3, 4, 5, 6
order by 1, 2, 3, 4, 5, 6
