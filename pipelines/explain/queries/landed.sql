-- One row per bronze row of an order's keys, as text: is it current, and the reasons if it is kept out.
-- A tombstone of a return may name no order, so its rows are found by return_id.
with return_ids as (
    select distinct return_id from bronze.returns where order_id = $order_id
),

landed as (
    select
        'orders' as source, order_id, null as line_number, null as return_id, order_id as thing,
        landing_date, ingested_at, source_file, row_number, extra,
        status, created_at, delivered_at, returned_at, shipping_amount,
        null as product_id, null as quantity, null as unit_price, null as discount_amount, null as tax_amount
    from bronze.orders
    where order_id = $order_id
    union all
    select
        'order_items' as source, order_id, line_number, null as return_id, line_number as thing,
        landing_date, ingested_at, source_file, row_number, extra,
        null as status, null as created_at, null as delivered_at, null as returned_at, null as shipping_amount,
        product_id, quantity, unit_price, discount_amount, tax_amount
    from bronze.order_items
    where order_id = $order_id
    union all
    select
        'returns' as source, order_id, line_number, return_id, return_id as thing,
        landing_date, ingested_at, source_file, row_number, extra,
        null as status, null as created_at, null as delivered_at, returned_at, null as shipping_amount,
        null as product_id, quantity, null as unit_price, null as discount_amount, null as tax_amount
    from bronze.returns
    where order_id = $order_id or return_id in (select return_id from return_ids)
),

current_rows as (
    select 'orders' as source, landing_date, source_file, row_number from silver.orders where order_id = $order_id
    union all
    select 'order_items' as source, landing_date, source_file, row_number
    from silver.order_items
    where order_id = $order_id
    union all
    select 'returns' as source, landing_date, source_file, row_number
    from silver.returns
    where order_id = $order_id or return_id in (select return_id from return_ids)
)

select
    landed.*,
    current_rows.source is not null as is_current,
    quarantine.reasons,
    quarantine.corrected_by
from landed
left join current_rows
    on
        landed.source = current_rows.source
        and landed.landing_date = current_rows.landing_date
        and landed.source_file = current_rows.source_file
        and landed.row_number = current_rows.row_number
left join silver.quarantine as quarantine
    on
        landed.source = quarantine.source
        and landed.landing_date = quarantine.landing_date
        and landed.source_file = quarantine.source_file
        and landed.row_number = quarantine.row_number
        and quarantine.status = 'open'
order by landed.source, landed.ingested_at, landed.landing_date, landed.source_file, landed.row_number
