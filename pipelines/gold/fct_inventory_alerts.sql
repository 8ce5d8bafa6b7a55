-- One row per product and unbroken run of days at risk.
with risk_days as (
    select
        *,
        -- Days in a row have one and the same date less their number.
        date - cast(row_number() over (partition by product_id order by date) as integer) as run_anchor
    from gold.fct_inventory_daily
    -- The other days stand in fct_inventory_daily.
    where at_risk
),

risk_runs as (
    select
        product_id,
        min(date) as opened_on,
        max(date) as last_day,
        count(*) as days_open,
        bool_or(is_stockout) as had_stockout
    from risk_days
    group by product_id, run_anchor
)

select
    stable_key(risk_runs.product_id, risk_runs.opened_on) as alert_id,
    risk_runs.product_id,
    risk_runs.opened_on,
    -- A run that reaches the as-of date, where the days end, is still open.
    case when risk_runs.last_day < $as_of then risk_runs.last_day + 1 end as resolved_on,
    risk_runs.days_open,
    case when risk_runs.had_stockout then 'stockout' else 'at_risk' end as severity,
    last_days.on_hand,
    last_days.allocated,
    last_days.available,
    last_days.reorder_point,
    last_days.reorder_point - last_days.available as shortfall
from risk_runs
-- The last day of a run is one of its days.
inner join gold.fct_inventory_daily as last_days
    on risk_runs.product_id = last_days.product_id and risk_runs.last_day = last_days.date
