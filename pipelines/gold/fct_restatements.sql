-- One row per date and measure of fct_revenue_daily that this release changes after it was published.
-- A day that is no more has no new value.
with measures as (
    select
        old.date,
        unnest([
            {'measure': 'orders', 'old': cast(old.orders as varchar), 'new': cast(now.orders as varchar)},
            {'measure': 'units', 'old': cast(old.units as varchar), 'new': cast(now.units as varchar)},
            {'measure': 'customers', 'old': cast(old.customers as varchar), 'new': cast(now.customers as varchar)},
            {'measure': 'new_customers', 'old': cast(old.new_customers as varchar), 'new': cast(now.new_customers as varchar)},
            {'measure': 'repeat_customers', 'old': cast(old.repeat_customers as varchar), 'new': cast(now.repeat_customers as varchar)},
            {'measure': 'guest_orders', 'old': cast(old.guest_orders as varchar), 'new': cast(now.guest_orders as varchar)},
            {'measure': 'gross_revenue', 'old': cast(old.gross_revenue as varchar), 'new': cast(now.gross_revenue as varchar)},
            {'measure': 'discounts', 'old': cast(old.discounts as varchar), 'new': cast(now.discounts as varchar)},
            {'measure': 'taxes', 'old': cast(old.taxes as varchar), 'new': cast(now.taxes as varchar)},
            {'measure': 'refunds', 'old': cast(old.refunds as varchar), 'new': cast(now.refunds as varchar)},
            {'measure': 'net_revenue', 'old': cast(old.net_revenue as varchar), 'new': cast(now.net_revenue as varchar)},
            {'measure': 'aov', 'old': cast(old.aov as varchar), 'new': cast(now.aov as varchar)},
            {'measure': 'orders_returned', 'old': cast(old.orders_returned as varchar), 'new': cast(now.orders_returned as varchar)},
            {'measure': 'return_rate', 'old': cast(old.return_rate as varchar), 'new': cast(now.return_rate as varchar)},
            {'measure': 'returns_received', 'old': cast(old.returns_received as varchar), 'new': cast(now.returns_received as varchar)},
            {'measure': 'recognized_gross', 'old': cast(old.recognized_gross as varchar), 'new': cast(now.recognized_gross as varchar)},
            {'measure': 'recognized_discounts', 'old': cast(old.recognized_discounts as varchar), 'new': cast(now.recognized_discounts as varchar)},
            {'measure': 'recognized_taxes', 'old': cast(old.recognized_taxes as varchar), 'new': cast(now.recognized_taxes as varchar)},
            {'measure': 'recognized_refunds', 'old': cast(old.recognized_refunds as varchar), 'new': cast(now.recognized_refunds as varchar)},
            {'measure': 'recognized_net', 'old': cast(old.recognized_net as varchar), 'new': cast(now.recognized_net as varchar)}
        ]) as measure
    from before.fct_revenue_daily as old
    left join gold.fct_revenue_daily as now on old.date = now.date
),

restated as (
    select date, measure.measure as measure, measure.old as old_value, measure.new as new_value
    from measures
    -- What is as it was published needs no row.
    where measure.old is distinct from measure.new
),

causes_by_date as (
    select restated.date, list_sort(list(distinct causes.cause)) as causes
    from restated
    -- Causes of dates whose figures stayed restated nothing; one without a date is of every date.
    inner join changed.causes as causes on causes.date is null or restated.date = causes.date
    group by restated.date
)

select
    $release_id as release_id,
    restated.date,
    restated.measure,
    restated.old_value,
    restated.new_value,
    cast(restated.new_value as decimal(38, 10)) - cast(restated.old_value as decimal(38, 10)) as difference,
    coalesce(causes_by_date.causes, []) as causes
from restated
left join causes_by_date on restated.date = causes_by_date.date
