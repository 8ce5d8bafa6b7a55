-- Detects: A column that is null in far more of the newest landed rows than in those that landed earlier.
-- Why: An export that lost a column, or fills it no more, breaks no rule of a row and still empties a report.
-- Severity: warning
-- Table: silver
-- Remedy: Look at the export; land the rows again once it is mended
-- Like is compared with like: a state's timestamp within a status, a movement's order within a type. Judged from
-- 20 newest and 100 earlier rows on; a jump is 10 points and 4 standard deviations of a sample of that size.
with newest as (
    select source, max(landing_date) as landing_date
    from bronze.landed_files
    where run_id = $run_id
    group by source
),

filled_values as (
    select
        'customers' as source,
        '' as kind,
        rows.landing_date = newest.landing_date as is_new,
        count(*) as rows,
        map {
            'full_name': count(full_name), 'email': count(email), 'country': count(country),
            'region': count(region), 'city': count(city), 'signup_at': count(signup_at)
        } as filled
    from silver.customers as rows
    inner join newest on newest.source = 'customers' and rows.landing_date <= newest.landing_date
    group by all
    union all
    -- The versions: where a product is sent again, its earlier row stays among them.
    select
        'products' as source,
        '' as kind,
        rows.landing_date = newest.landing_date as is_new,
        count(*) as rows,
        map {
            'category': count(category), 'subcategory': count(subcategory), 'brand': count(brand),
            'unit_cost': count(unit_cost)
        } as filled
    from silver.product_versions as rows
    inner join newest on newest.source = 'products' and rows.landing_date <= newest.landing_date
    group by all
    union all
    select
        'stores' as source,
        '' as kind,
        rows.landing_date = newest.landing_date as is_new,
        count(*) as rows,
        map { 'country': count(country), 'region': count(region), 'city': count(city) } as filled
    from silver.stores as rows
    inner join newest on newest.source = 'stores' and rows.landing_date <= newest.landing_date
    group by all
    union all
    select
        'orders' as source,
        '' as kind,
        rows.landing_date = newest.landing_date as is_new,
        count(*) as rows,
        map {
            'customer_id': count(customer_id), 'store_id': count(store_id), 'shipping_amount': count(shipping_amount)
        } as filled
    from silver.orders as rows
    inner join newest on newest.source = 'orders' and rows.landing_date <= newest.landing_date
    group by all
    union all
    select
        'orders' as source,
        ' of status ' || rows.status as kind,
        rows.landing_date = newest.landing_date as is_new,
        count(*) as rows,
        map {
            'paid_at': count(paid_at), 'fulfilled_at': count(fulfilled_at), 'delivered_at': count(delivered_at),
            'returned_at': count(returned_at), 'cancelled_at': count(cancelled_at)
        } as filled
    from silver.orders as rows
    inner join newest on newest.source = 'orders' and rows.landing_date <= newest.landing_date
    group by all
    union all
    select
        'returns' as source,
        '' as kind,
        rows.landing_date = newest.landing_date as is_new,
        count(*) as rows,
        map { 'reason': count(reason) } as filled
    from silver.returns as rows
    inner join newest on newest.source = 'returns' and rows.landing_date <= newest.landing_date
    group by all
    union all
    select
        'inventory_movements' as source,
        ' of type ' || rows.movement_type as kind,
        rows.landing_date = newest.landing_date as is_new,
        count(*) as rows,
        map { 'location': count(location), 'order_id': count(order_id) } as filled
    from silver.inventory_movements as rows
    inner join newest on newest.source = 'inventory_movements' and rows.landing_date <= newest.landing_date
    group by all
),

column_nulls as (
    select
        source, kind, is_new, rows,
        unnest(map_keys(filled)) as column_name,
        rows - unnest(map_values(filled)) as nulls
    from filled_values
),

compared as (
    select
        now.source,
        now.column_name || now.kind as column_name,
        now.rows,
        now.nulls / now.rows as null_share,
        before.rows as rows_before,
        before.nulls / before.rows as null_share_before,
        -- Of a column never null so far a few nulls are no surprise either.
        (before.nulls + 1) / (before.rows + 2) as expected_share
    from column_nulls as now
    inner join column_nulls as before
        on now.source = before.source and now.kind = before.kind and now.column_name = before.column_name
    where now.is_new and not before.is_new and now.rows >= 20 and before.rows >= 100
),

bounded as (
    select *, null_share_before + greatest(0.1, 4 * sqrt(expected_share * (1 - expected_share) / rows)) as most
    from compared
)

select
    source, column_name, rows, null_share, rows_before, null_share_before,
    format('{}: {} null in {:.1f}% of the newest {} rows', source, column_name, 100 * null_share, rows) as observed,
    format('{:.1f}%, with {:.1f}% before', 100 * most, 100 * null_share_before) as threshold
from bounded
where null_share > most
order by source, column_name
