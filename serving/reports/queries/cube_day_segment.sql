-- One row per date, channel and segment, where an order stands once. Sales on the order date, refunds on the return
-- date. Money in 1/10000.
select
    date,
    channel,
    segment,
    {part: sums_of_orders}
from {query: order_sums} as sums
where date between :since and :as_of
group by 1, 2, 3
order by 1, 2, 3
