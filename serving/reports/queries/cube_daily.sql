-- One row per date over the whole shop, booked and recognised, and what lies between the two. Money in 1/10000.
-- first_orders are the orders that made a customer, so they add up; distinct customers do not and are not here.
select
    daily.date,
    daily.orders::bigint as orders,
    daily.new_customers::bigint as first_orders,
    daily.guest_orders::bigint as guest_orders,
    daily.units::bigint as units,
    (daily.gross_revenue * 10000)::bigint as gross,
    (daily.discounts * 10000)::bigint as discounts,
    (daily.taxes * 10000)::bigint as taxes,
    (daily.refunds * 10000)::bigint as refunds,
    (daily.recognized_net * 10000)::bigint as recognized,
    (daily.recognized_gross * 10000)::bigint as recognized_gross,
    coalesce(bridge.booked_not_delivered * 10000, 0)::bigint as not_delivered,
    coalesce(bridge.delivered_from_before * 10000, 0)::bigint as from_before
from serving.fct_revenue_daily as daily
left join serving.agg_revenue_bridge as bridge on bridge.date = daily.date
where daily.date between :since and :as_of
order by daily.date
