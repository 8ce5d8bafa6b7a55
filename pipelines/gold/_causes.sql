-- Why figures moved: what became of each order since the release before, one row per order and cause.
-- An order is touched by its own row, its lines and its returns.

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
        coalesce(now.order_id, old.order_id) as key,
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
        coalesce(now.order_id, old.order_id) || '#' || coalesce(now.line_number, old.line_number),
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
        coalesce(now.return_id, old.return_id),
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

create table changed.causes as
with of_rows as (
    select
        changes.order_id,
        case
            -- The row came or moved with a file that landed again.
            when changes.is_there and (changes.new_load = 'replaced' or coalesce(changes.old_load = 'replaced', false))
                then case when not changes.was or changes.values_differ or changes.state_differs
                    then 'file_replaced' end
            -- The row was there and good, and waited.
            when changes.is_there and changes.new_load is null
                then case when not changes.was or changes.values_differ or changes.state_differs
                    then 'quarantine_released' end
            when changes.is_there and changes.was
                then case when changes.values_differ then 'resent_row' end
            when changes.is_there and mended.corrected_by is not null then 'resent_row'
            when changes.is_there and changes.source = 'returns' then 'return'
            when changes.is_there then case when orders.order_date <= $as_of_before then 'late_order' end
            -- The row is gone: replaced away, kept out because of its parent, or taken out by a tombstone.
            when changes.old_load = 'replaced' then 'file_replaced'
            when waiting.row_number is not null
                then coalesce(customers.cause, stores.cause, products.cause)
            else 'deleted'
        end as cause
    from changed.row_changes as changes
    left join silver.orders as orders on changes.order_id = orders.order_id
    left join changed.mended as mended
        on
            changes.source = mended.source
            and mended.corrected_by
            = changes.new_place.day || '/' || changes.new_place.file || '#' || changes.new_place.row
    left join changed.waiting as waiting
        on
            changes.source = waiting.source
            and changes.old_place.day = waiting.landing_date
            and changes.old_place.file = waiting.source_file
            and changes.old_place.row = waiting.row_number
    left join changed.gone_parents as customers
        on customers.kind = 'customers' and changes.parent_customer = customers.id
    left join changed.gone_parents as stores on stores.kind = 'stores' and changes.parent_store = stores.id
    left join changed.gone_parents as products
        on products.kind = 'products' and changes.parent_product = products.id
)

select order_id, cause from of_rows where cause is not null
union
select order_id, 'status_change'
from changed.row_changes
where was and is_there and state_differs and new_load = 'new' and old_load is distinct from 'replaced'
union
-- A return by status alone.
select now.order_id, 'return'
from (from changed.orders where side = 'after') as now
inner join (from changed.orders where side = 'before') as old on now.order_id = old.order_id
where
    now.status = 'returned' and old.status <> 'returned'
    and now.order_id not in (select order_id from silver.returns)
union
-- A return dated ahead counts for its order once the as-of date is there.
select order_id, 'return'
from gold.fct_returns
where return_date > $as_of_before and order_id in (select order_id from before.fct_returns)
union
select now.order_id, 'first_order_moved'
from gold.fct_orders as now
inner join before.fct_orders as old on now.order_id = old.order_id
-- An order that bears no revenue any more has a cause of its own.
where now.is_first_order <> old.is_first_order and now.is_revenue and old.is_revenue
union
select null, 'setting_changed' where $setting_changed;
