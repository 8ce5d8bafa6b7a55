-- One row per product and unbroken time of one list price (SCD-2): no gap, no overlap, one current row.
with versions as (
    select
        product_id,
        updated_at,
        list_price,
        lag(updated_at) over (partition by product_id order by updated_at) is null as is_first_version,
        lag(list_price) over (partition by product_id order by updated_at) as price_before
    from silver.product_versions
),

-- Consecutive versions of the same price are one row: only those that change it begin one.
price_starts as (
    select
        product_id,
        list_price,
        case when is_first_version then timestamp '1900-01-01' else updated_at end as valid_from
    from versions
    where is_first_version or list_price is distinct from price_before
),

price_periods as (
    select
        product_id,
        list_price,
        valid_from,
        lead(valid_from) over (partition by product_id order by valid_from) as next_valid_from
    from price_starts
),

-- All but the price is type 1: as the version with the greatest updated_at has it.
version_ages as (
    select
        product_id,
        product_name,
        category,
        subcategory,
        brand,
        unit_cost,
        reorder_point,
        row_number() over (partition by product_id order by updated_at desc) as age
    from silver.product_versions
),

latest_versions as (
    select product_id, product_name, category, subcategory, brand, unit_cost, reorder_point
    from version_ages
    where age = 1
)

select
    stable_key(price_periods.product_id, price_periods.valid_from) as product_key,
    price_periods.product_id,
    latest_versions.product_name,
    latest_versions.category,
    latest_versions.subcategory,
    latest_versions.brand,
    latest_versions.unit_cost,
    latest_versions.reorder_point,
    price_periods.list_price,
    price_periods.valid_from,
    coalesce(price_periods.next_valid_from, timestamp '9999-12-31') as valid_to,
    price_periods.next_valid_from is null as is_current
from price_periods
left join latest_versions on price_periods.product_id = latest_versions.product_id
