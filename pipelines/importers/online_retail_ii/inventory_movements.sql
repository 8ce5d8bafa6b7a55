-- One row per stock adjustment: a row of a digits invoice with negative units.
select
    invoice_date as landing_date,
    format('{}-{}', invoice, line_number) as movement_id,
    stock_code as product_id,
    cast(null as varchar) as location,
    'adjustment' as movement_type,
    quantity,
    invoiced_at as occurred_at,
    cast(null as varchar) as order_id
from lines
where kind = 'stock adjustment' -- the others are counted in `accounting`
