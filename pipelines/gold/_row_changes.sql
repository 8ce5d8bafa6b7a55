-- What `_causes.sql` goes by: each order, line and return that changed since the release before, one row each.

-- Where a row stands in the files this run loaded; null where its file was there before.
create temp macro load_of(of_source, day, file) as (
    select case when replaced then 'replaced' else 'new' end
    from changed.files
    where source = of_source and landing_date = day and source_file = file
);

create table changed.row_changes as
with pairs as (
    select
        'orders' as source,
        coalesce(now.order_id, old.order_id) as order_id,
        old.order_id is not null as was,
        now.order_id is not null as is_there,
        {'day': old.landing_date, 'file': old.source_file, 'row': old.row_number} as old_place,
        {'day': now.landing_date, 'file': now.source_file, 'row': now.row_number} as new_place,
        (now.status, now.paid_at, now.fulfilled_at, now.delivered_at, now.returned_at, now.cancelled_at)
        is distinct from
        (old.status, old.paid_at, old.fulfilled_at, old.delivered_at, old.returned_at, old.cancelled_at)
            as state_differs,
        (now.customer_id, now.store_id, now.created_at, now.payment_method, now.currency, now.shipping_amount)
        is distinct from
        (old.customer_id, old.store_id, old.created_at, old.payment_method, old.currency, old.shipping_amount)
            as values_differ,
        old.customer_id as parent_customer,
        old.store_id as parent_store,
        null as parent_product
    from (from changed.orders where side = 'before') as old
    full join (from changed.orders where side = 'after') as now on old.order_id = now.order_id
    union all
    select
        'order_items',
        coalesce(now.order_id, old.order_id),
        old.order_id is not null,
        now.order_id is not null,
        {'day': old.landing_date, 'file': old.source_file, 'row': old.row_number},
        {'day': now.landing_date, 'file': now.source_file, 'row': now.row_number},
        false,
        (now.product_id, now.quantity, now.unit_price, now.discount_amount, now.tax_amount)
        is distinct from (old.product_id, old.quantity, old.unit_price, old.discount_amount, old.tax_amount),
        null,
        null,
        old.product_id
    from (from changed.order_items where side = 'before') as old
    full join (from changed.order_items where side = 'after') as now
        on old.order_id = now.order_id and old.line_number = now.line_number
    union all
    -- A return may move to another order: it left the one and came to the other.
    select
        'returns',
        coalesce(now.order_id, old.order_id),
        old.order_id is not null,
        now.order_id is not null,
        {'day': old.landing_date, 'file': old.source_file, 'row': old.row_number},
        {'day': now.landing_date, 'file': now.source_file, 'row': now.row_number},
        false,
        (now.line_number, now.quantity, now.returned_at) is distinct from (old.line_number, old.quantity, old.returned_at),
        null,
        null,
        null
    from (from changed.returns where side = 'before') as old
    full join (from changed.returns where side = 'after') as now
        on old.return_id = now.return_id and old.order_id = now.order_id
)

select
    *,
    load_of(source, old_place.day, old_place.file) as old_load,
    load_of(source, new_place.day, new_place.file) as new_load
from pairs;

-- Rows that wait in quarantine now, and those a newer row stands in for.
create table changed.waiting as
select source, landing_date, source_file, row_number
from silver.quarantine where status = 'open';

create table changed.mended as
select source, corrected_by from silver.quarantine where corrected_by is not null;

-- What a parent that went was: what refers to it goes with it.
create table changed.gone_parents as
select
    parents.kind,
    parents.id,
    case when load_of(parents.kind, parents.landing_date, parents.source_file) = 'replaced'
        then 'file_replaced' else 'deleted' end as cause
from (
    select 'customers' as kind, customer_id as id, side, landing_date, source_file from changed.customers
    union all
    select 'products', product_id, side, landing_date, source_file from changed.products
    union all
    select 'stores', store_id, side, landing_date, source_file from changed.stores
) as parents
where
    parents.side = 'before'
    and not exists (select 1 from silver.customers where parents.kind = 'customers' and customer_id = parents.id)
    and not exists (select 1 from silver.products where parents.kind = 'products' and product_id = parents.id)
    and not exists (select 1 from silver.stores where parents.kind = 'stores' and store_id = parents.id);
