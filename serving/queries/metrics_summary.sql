-- One row per period of :grain from :start to :end, as far as the shop has dates; with :compare the period
-- before it, or the one a year ago, beside it. A period cut short is compared with as many days of the other.
with dates as (
    select greatest(cast(:start as date), min(date)) as first, least(cast(:end as date), max(date)) as last
    from serving.fct_revenue_daily
),
shape as (
    select first,
           last,
           case when cast(:grain as text) = 'total' then make_interval(days => last - first + 1)
                when cast(:grain as text) = 'quarter' then interval '3 months'
                else cast('1 ' || cast(:grain as text) as interval)
           end as step
    from dates
    where first <= last
),
whole as (
    select first, last, step, begun::date as begun, (begun + step)::date - 1 as ended
    from shape
    cross join generate_series(
        case when cast(:grain as text) = 'total' then first::timestamp
             else date_trunc(replace(cast(:grain as text), 'total', 'day'), first::timestamp)
        end, last::timestamp, step) as begun
),
periods as (
    select greatest(begun, first) as period_start,
           least(ended, last) as period_end,
           begun,
           ended,
           step,
           case when cast(:compare as text) = 'previous' then step
                when cast(:grain as text) = 'week' then interval '364 days'
                else interval '1 year'
           end as shift
    from whole
),
compared as (
    select *,
           (period_start - shift)::date as before_start,
           -- the whole of a period is compared with the whole of the other: February with January up to the 31st
           case when period_end = ended and cast(:grain as text) <> 'total' then ((begun - shift) + step)::date - 1
                else least((period_end - shift)::date, ((begun - shift) + step)::date - 1)
           end as before_end
    from periods
),
ranges as (
    select period_start, false as is_before, period_start as first, period_end as last from compared
    union all
    select period_start, true, before_start, before_end from compared where cast(:compare as text) is not null
),
figures as (
    select ranges.period_start, ranges.is_before, daily.*, people.customers, back.returns_received
    from ranges
    cross join lateral (
        select count(*) as days,
               sum(orders)::bigint as orders,
               sum(units)::bigint as units,
               sum(new_customers)::bigint as new_customers,
               sum(guest_orders)::bigint as guest_orders,
               sum(gross_revenue) as gross_revenue,
               sum(discounts) as discounts,
               sum(taxes) as taxes,
               sum(refunds) as refunds,
               sum(net_revenue) as net_revenue,
               sum(orders_returned)::bigint as orders_returned,
               sum(recognized_gross) as recognized_gross,
               sum(recognized_discounts) as recognized_discounts,
               sum(recognized_taxes) as recognized_taxes,
               sum(recognized_refunds) as recognized_refunds,
               sum(recognized_net) as recognized_net
        from serving.fct_revenue_daily
        where date between ranges.first and ranges.last
    ) as daily
    cross join lateral (
        select count(distinct customer_id) as customers
        from serving.fct_orders
        where is_revenue and order_date between ranges.first and ranges.last
    ) as people
    cross join lateral (
        select count(distinct returns.order_id) as returns_received
        from serving.fct_returns as returns
        inner join serving.fct_orders as orders on orders.order_id = returns.order_id
        where orders.is_revenue and returns.return_date between ranges.first and ranges.last
    ) as back
),
averaged as (
    select *,
           -- rounded half away from zero from the exact quotient: a numeric quotient is itself rounded
           case when orders > 0 then
               (sign(gross_revenue - discounts - taxes)
                * div(2 * abs(gross_revenue - discounts - taxes) * 10000 + orders, 2 * orders::numeric) / 10000)
                   ::numeric(18, 4)
           end as aov
    from figures
)
select now.period_start,
       compared.period_end,
       now.orders,
       now.units,
       now.customers,
       now.new_customers,
       now.customers - now.new_customers as repeat_customers,
       now.guest_orders,
       now.gross_revenue,
       now.discounts,
       now.taxes,
       now.refunds,
       now.net_revenue,
       now.aov,
       now.orders_returned,
       now.orders_returned::double precision / nullif(now.orders, 0) as return_rate,
       now.returns_received,
       now.recognized_gross,
       now.recognized_discounts,
       now.recognized_taxes,
       now.recognized_refunds,
       now.recognized_net,
       compared.before_start,
       compared.before_end,
       past.orders as orders_before,
       past.units as units_before,
       case when past.days > 0 then past.customers end as customers_before,
       past.new_customers as new_customers_before,
       past.gross_revenue as gross_revenue_before,
       past.refunds as refunds_before,
       past.net_revenue as net_revenue_before,
       past.aov as aov_before,
       past.recognized_net as recognized_net_before,
       (now.orders - past.orders)::double precision / nullif(past.orders, 0) as orders_change,
       (now.units - past.units)::double precision / nullif(past.units, 0) as units_change,
       (now.customers - past.customers)::double precision / nullif(past.customers, 0) as customers_change,
       (now.new_customers - past.new_customers)::double precision
           / nullif(past.new_customers, 0) as new_customers_change,
       ((now.gross_revenue - past.gross_revenue) / nullif(past.gross_revenue, 0))::double precision
           as gross_revenue_change,
       ((now.refunds - past.refunds) / nullif(past.refunds, 0))::double precision as refunds_change,
       ((now.net_revenue - past.net_revenue) / nullif(abs(past.net_revenue), 0))::double precision
           as net_revenue_change,
       ((now.aov - past.aov) / nullif(abs(past.aov), 0))::double precision as aov_change,
       ((now.recognized_net - past.recognized_net) / nullif(abs(past.recognized_net), 0))::double precision
           as recognized_net_change
from averaged as now
inner join compared on compared.period_start = now.period_start
left join averaged as past on past.period_start = now.period_start and past.is_before
where not now.is_before
