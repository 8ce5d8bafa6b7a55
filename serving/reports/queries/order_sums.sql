-- One row per date, place and segment over all dates, where an order stands once: sales on the order date, refunds on
-- the return date. The place is the store's where one walks into it, else the customer's. Part of other queries.
select
    date,
    channel,
    country,
    region,
    city,
    store_id,
    segment,
    sum(orders) as orders,
    sum(first_orders) as first_orders,
    sum(guest_orders) as guest_orders,
    sum(units) as units,
    sum(gross_revenue) as gross_revenue,
    sum(discounts) as discounts,
    sum(taxes) as taxes,
    sum(refunds) as refunds
from {query: order_events} as events
group by 1, 2, 3, 4, 5, 6, 7
