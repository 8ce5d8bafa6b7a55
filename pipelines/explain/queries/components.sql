-- One row per component of a day's bridge and order, the largest of each first, from the ledger.
-- Totals and counts are of all orders of the component; orders of an amount of 0 are in none.
with net_by_order as (
    select
        clock,
        order_id,
        sum(amount) as amount
    from gold.fct_money_ledger
    where date = $date and event <> 'refund'
    group by clock, order_id
),

refunds_by_order as (
    select
        order_id,
        -sum(amount) as amount
    from gold.fct_money_ledger
    -- A refund falls on the return date on both clocks.
    where date = $date and event = 'refund' and clock = 'booked'
    group by order_id
),

components as (
    select
        'booked' as component,
        order_id,
        amount
    from net_by_order
    where clock = 'booked'
    union all
    select
        'refunds' as component,
        order_id,
        amount
    from refunds_by_order
    union all
    select
        'booked_not_delivered' as component,
        booked.order_id,
        booked.amount
    from net_by_order as booked
    left join net_by_order as recognized
        on booked.order_id = recognized.order_id and recognized.clock = 'recognized'
    where booked.clock = 'booked' and recognized.order_id is null
    union all
    select
        'delivered_from_before' as component,
        recognized.order_id,
        recognized.amount
    from net_by_order as recognized
    left join net_by_order as booked on recognized.order_id = booked.order_id and booked.clock = 'booked'
    where recognized.clock = 'recognized' and booked.order_id is null
    union all
    select
        'recognized' as component,
        order_id,
        amount
    from net_by_order
    where clock = 'recognized'
),

ranked as (
    select
        component,
        order_id,
        amount,
        sum(amount) over (partition by component) as total,
        count(*) over (partition by component) as orders,
        row_number() over (partition by component order by abs(amount) desc, order_id) as place
    from components
    where amount <> 0
)

select
    ranked.component,
    ranked.order_id,
    ranked.amount,
    ranked.total,
    ranked.orders,
    ranked.place,
    facts.order_date,
    cast(facts.delivered_at as date) as delivery_date
from ranked
-- Every order of the ledger is in fct_orders.
inner join gold.fct_orders as facts on ranked.order_id = facts.order_id
-- One row of each component stays for its total, also where no order is to be shown.
where ranked.place <= greatest($shown, 1)
order by ranked.component, ranked.place
