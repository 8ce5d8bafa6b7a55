-- One row per order line: a row of a digits invoice with units and a price; prices hold no discount and no tax.
select
    invoice_date as landing_date,
    invoice as order_id,
    line_number,
    stock_code as product_id,
    quantity,
    price as unit_price,
    cast(0 as decimal(18, 4)) as discount_amount,
    cast(0 as decimal(18, 4)) as tax_amount
from lines
where kind = 'order line' -- the others are counted in `accounting`
