-- One row per order that bears revenue, on its order date, and one per refund, on its return date, with where and who:
-- the place is the store's where one walks into it, else the customer's. Part of other queries.
select
    orders.order_date as date,
    {part: place_and_segment},
    1 as orders,
    orders.is_first_order::int as first_orders,
    (orders.customer_id is null)::int as guest_orders,
    orders.units,
    orders.gross_revenue,
    orders.discounts,
    orders.taxes,
    0 as refunds
from serving.revenue_orders as orders
join serving.dim_store as stores on stores.store_id = orders.store_id
left join serving.dim_customer as customers on customers.customer_id = orders.customer_id
where orders.order_date <= :as_of
union all
select
    returns.return_date,
    {part: place_and_segment},
    0, 0, 0, 0, 0, 0, 0,
    returns.refund_amount
from serving.fct_returns as returns
join serving.revenue_orders as orders on orders.order_id = returns.order_id
join serving.dim_store as stores on stores.store_id = orders.store_id
left join serving.dim_customer as customers on customers.customer_id = orders.customer_id
where returns.return_date <= :as_of and returns.refund_amount <> 0
