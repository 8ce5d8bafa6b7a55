-- One row per store, and the member `unknown` for a null store and for one no file describes.
with described_stores as (
    select store_id, store_name, channel, country, region, city from silver.stores
),

-- Always there; should a shop describe a store of that very name, its own words stand.
unknown_store as (
    select 'unknown' as store_id
    where not exists (select 1 from silver.stores where store_id = 'unknown')
)

select store_id, store_name, channel, country, region, city from described_stores
union all
select store_id, 'unknown', 'unknown', null, null, null from unknown_store
