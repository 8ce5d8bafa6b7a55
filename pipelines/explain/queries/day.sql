-- One row: a date of fct_revenue_daily with its bridge.
select
    daily.date,
    daily.orders,
    daily.units,
    daily.customers,
    daily.new_customers,
    daily.repeat_customers,
    daily.guest_orders,
    daily.gross_revenue,
    daily.discounts,
    daily.taxes,
    daily.refunds,
    daily.net_revenue,
    daily.aov,
    daily.orders_returned,
    daily.return_rate,
    daily.returns_received,
    daily.recognized_gross,
    daily.recognized_discounts,
    daily.recognized_taxes,
    daily.recognized_refunds,
    daily.recognized_net,
    bridge.booked_net,
    bridge.booked_not_delivered,
    bridge.delivered_from_before,
    bridge.deferred,
    bridge.residual
from gold.fct_revenue_daily as daily
-- The bridge has the dates of fct_revenue_daily.
inner join gold.agg_revenue_bridge as bridge on daily.date = bridge.date
where daily.date = $date
