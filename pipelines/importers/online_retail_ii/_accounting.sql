-- One row per row of the export: the one class it is counted in, the source it became (null: left out), and what
-- is worth knowing about it.
with matched_returns as (
    select
        row_id,
        sum(quantity) as units
    from return_matches
    group by row_id
)

select
    lines.row_id,
    case
        when lines.kind = 'return' and lines.customer_id is null then 'return of a guest, unmatched'
        when lines.kind = 'return' and matched_returns.units is null then 'return without an earlier sale, unmatched'
        when lines.kind = 'return' and matched_returns.units < -lines.quantity then 'return, matched in part'
        else lines.kind
    end as row_class,
    case
        when lines.kind = 'order line' then 'order_items'
        when lines.kind = 'return' and matched_returns.units is not null then 'returns'
        when lines.kind = 'stock adjustment' then 'inventory_movements'
        -- All other kinds are left out, and so are returns nobody can match.
    end as mapped_as,
    case
        when lines.kind = 'return' and coalesce(matched_returns.units, 0) < -lines.quantity
            then format(
                '{} of {} units unmatched',
                -lines.quantity - coalesce(matched_returns.units, 0),
                -lines.quantity
            )
        -- Null: nothing to add to the class.
    end as detail
from lines
left join matched_returns on lines.row_id = matched_returns.row_id
