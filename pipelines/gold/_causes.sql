-- Why figures moved: what became of the orders of each date since the release before, one row per date and cause.
-- An order is touched by its own row, its lines and its returns.
create table changed.order_causes as
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
    left join touched.orders_now as orders on changes.order_id = orders.order_id
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
    and exists (
        select 1 from touched.returns_now as returns
        where returns.order_id = now.order_id and starts_with(returns.return_id, now.order_id || '#')
    )
union
-- A return dated ahead counts for its order once the as-of date is there.
select order_id, 'return' from touched.returns_before where return_date > $as_of_before
union
-- An order that bears no revenue any more has a cause of its own.
select now.order_id, 'first_order_moved'
from touched.orders_now as now
inner join touched.orders_before as old on now.order_id = old.order_id
where now.is_first_order <> old.is_first_order and now.is_revenue and old.is_revenue;

-- The dates an order was placed, delivered or returned on, before or now; no date is every date.
create table changed.causes as
with order_dates as (
    select order_id, order_date as date from touched.orders_before
    union
    select order_id, order_date from touched.orders_now
    union
    select order_id, delivery_date from touched.orders_before
    union
    select order_id, delivery_date from touched.orders_now
    union
    select order_id, return_date from touched.returns_before
    union
    select order_id, return_date from touched.returns_now
)

select distinct order_dates.date, causes.cause
from changed.order_causes as causes
inner join order_dates on causes.order_id = order_dates.order_id
where order_dates.date is not null
union
select null, 'setting_changed' where $setting_changed;
