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
        bool_or(is_stockout) as had_stockout,
        -- As on the last day of the run.
        max_by(on_hand, date) as on_hand,
        max_by(allocated, date) as allocated,
        max_by(available, date) as available,
        max_by(reorder_point, date) as reorder_point
    from risk_days
    group by product_id, run_anchor
)

select
    stable_key(product_id, opened_on) as alert_id,
    product_id,
    opened_on,
    -- A run that reaches the as-of date, where the days end, is still open.
    case when last_day < $as_of then last_day + 1 end as resolved_on,
    days_open,
    case when had_stockout then 'stockout' else 'at_risk' end as severity,
    on_hand,
    allocated,
    available,
    reorder_point,
    reorder_point - available as shortfall
from risk_runs
