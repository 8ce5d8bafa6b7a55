-- Detects: A day on which the ledger's events do not add up to the day's booked or recognised net revenue.
-- Why: The ledger is the proof of every figure, down to the landed row.
-- Severity: blocking
-- Table: gold.fct_money_ledger
with ledger_days as (
    select
        date,
        coalesce(sum(amount) filter (where clock = 'booked'), 0) as booked_net,
        coalesce(sum(amount) filter (where clock = 'recognized'), 0) as recognized_net
    from gold.fct_money_ledger
    group by date
)

select
    daily.date,
    daily.net_revenue,
    ledger.booked_net as ledger_net_revenue,
    daily.recognized_net,
    ledger.recognized_net as ledger_recognized_net
from gold.fct_revenue_daily as daily
left join ledger_days as ledger on daily.date = ledger.date
where
    daily.net_revenue is distinct from coalesce(ledger.booked_net, 0)
    or daily.recognized_net is distinct from coalesce(ledger.recognized_net, 0)
order by daily.date
