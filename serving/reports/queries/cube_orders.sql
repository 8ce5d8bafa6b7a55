-- One row per date, place and segment, where an order stands once. Sales on the order date, refunds on the return
-- date. Money in 1/10000.
select
    date,
    channel,
    country,
    region,
    city,
    store_id,
    segment,
    {part: sums_of_orders}
from {query: order_sums} as sums
where date between :since and :as_of
group by 1, 2, 3, 4, 5, 6, 7
order by 1, 2, 3, 4, 5, 6, 7
