-- One row: open quarantined rows without a correction, and the gross of the order lines among them whose
-- quantity and price can be read and make an amount below 10^14. A row holding a NUL cannot be read by Postgres as JSON and counts without money.
with held as (
    select
        source,
        case
            when source = 'order_items' and not 'quantity:too_large' = any(reasons) and position('\u0000' in raw::text) = 0 then raw::text::jsonb
        end as line
    from serving.quarantine
    where status = 'open' and corrected_by is null
),
fields as (
    select
        source,
        btrim(line ->> 'quantity') as quantity,
        btrim(line ->> 'unit_price') as unit_price
    from held
),
amounts as (
    select
        source,
        case
            when quantity ~ '^[+]?[0-9]{1,9}$' and unit_price ~ '^[+]?([0-9]{1,14}([.][0-9]*)?|[.][0-9]+)$'
                then quantity::numeric * round(unit_price::numeric, 4)
        end as gross
    from fields
)
select
    count(*) as held_rows,
    count(*) filter (where source = 'order_items') as lines,
    count(gross) as priced_lines,
    coalesce(sum(gross), 0)::numeric as gross
from amounts
