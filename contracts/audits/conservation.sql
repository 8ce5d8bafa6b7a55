-- Detects: A landed row that is nowhere or in two places, or a count of conservation that the tables do not bear out.
-- Why: Every landed row is current, superseded or in quarantine; one lost is revenue lost, one doubled is doubled.
-- Severity: blocking
-- Table: quality.conservation
-- The rows of a file are numbered 1 to n, so distinct numbers of 1 to n are distinct rows of bronze.
with bronze_rows as (
    select 'customers' as source, landing_date, source_file, row_number from bronze.customers
    union all
    select 'products' as source, landing_date, source_file, row_number from bronze.products
    union all
    select 'stores' as source, landing_date, source_file, row_number from bronze.stores
    union all
    select 'orders' as source, landing_date, source_file, row_number from bronze.orders
    union all
    select 'order_items' as source, landing_date, source_file, row_number from bronze.order_items
    union all
    select 'returns' as source, landing_date, source_file, row_number from bronze.returns
    union all
    select 'inventory_movements' as source, landing_date, source_file, row_number from bronze.inventory_movements
),

held_rows as (
    select 'customers' as source, landing_date, source_file, row_number, true as is_current from silver.customers
    union all
    select 'products' as source, landing_date, source_file, row_number, true as is_current from silver.products
    union all
    select 'stores' as source, landing_date, source_file, row_number, true as is_current from silver.stores
    union all
    select 'orders' as source, landing_date, source_file, row_number, true as is_current from silver.orders
    union all
    select 'order_items' as source, landing_date, source_file, row_number, true as is_current from silver.order_items
    union all
    select 'returns' as source, landing_date, source_file, row_number, true as is_current from silver.returns
    union all
    select 'inventory_movements' as source, landing_date, source_file, row_number, true as is_current
    from silver.inventory_movements
    union all
    select source, landing_date, source_file, row_number, false as is_current
    from silver.quarantine
    where status = 'open'
),

bronze_files as (
    select
        source,
        landing_date,
        source_file,
        count(*) as bronze_rows,
        count(distinct row_number) as numbers,
        min(row_number) as first_number,
        max(row_number) as last_number
    from bronze_rows
    group by source, landing_date, source_file
),

held_files as (
    select
        source,
        landing_date,
        source_file,
        count(*) filter (where is_current) as current_rows,
        count(*) filter (where not is_current) as quarantined_rows,
        count(distinct row_number) as numbers,
        min(row_number) as first_number,
        max(row_number) as last_number
    from held_rows
    group by source, landing_date, source_file
),

file_faults as (
    select
        coalesce(landed.source, files.source, held.source) as source,
        coalesce(landed.landing_date, files.landing_date, held.landing_date) as landing_date,
        coalesce(landed.source_file, files.source_file, held.source_file) as source_file,
        case
            when
                coalesce(landed.rows, 0) <> coalesce(files.bronze_rows, 0)
                or files.numbers <> files.bronze_rows
                or files.first_number <> 1
                or files.last_number <> files.bronze_rows
                then 'bronze does not hold each row of the file once'
            when held.current_rows + held.quarantined_rows <> held.numbers
                then 'a row is current or in quarantine more than once'
            when held.first_number < 1 or held.last_number > coalesce(files.bronze_rows, 0)
                then 'a row is current or in quarantine that bronze does not hold'
        end as fault
    from bronze.landed_files as landed
    full join bronze_files as files
        on
            landed.source = files.source
            and landed.landing_date = files.landing_date
            and landed.source_file = files.source_file
    full join held_files as held
        on
            coalesce(landed.source, files.source) = held.source
            and coalesce(landed.landing_date, files.landing_date) = held.landing_date
            and coalesce(landed.source_file, files.source_file) = held.source_file
),

bronze_counts as (
    select source, sum(bronze_rows) as bronze_rows from bronze_files group by source
),

held_counts as (
    select source, sum(current_rows) as current_rows, sum(quarantined_rows) as quarantined_rows
    from held_files
    group by source
),

-- bronze, current, superseded, quarantined
counted as (
    select
        source,
        [
            coalesce(bronze_rows, 0),
            coalesce(current_rows, 0),
            coalesce(bronze_rows, 0) - coalesce(current_rows, 0) - coalesce(quarantined_rows, 0),
            coalesce(quarantined_rows, 0)
        ]::bigint[] as counts
    from unnest(['customers', 'products', 'stores', 'orders', 'order_items', 'returns', 'inventory_movements'])
        as sources (source)
    left join bronze_counts using (source)
    left join held_counts using (source)
),

recorded as (
    select source, list([bronze_rows, current_rows, superseded_rows, quarantined_rows]) as counts
    from quality.conservation
    group by source
)

select source, landing_date, source_file, fault
from file_faults
where fault is not null
union all
select
    coalesce(counted.source, recorded.source) as source,
    null as landing_date,
    null as source_file,
    format(
        'recorded {}, counted {}',
        coalesce(recorded.counts::text, 'nothing'),
        coalesce(counted.counts::text, 'nothing')
    ) as fault
from counted
full join recorded on counted.source = recorded.source
where recorded.counts is distinct from [counted.counts]
order by source, landing_date, source_file
