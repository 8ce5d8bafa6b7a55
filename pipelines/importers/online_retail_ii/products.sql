-- One row per product and day its price changes, from the first day it is sold or adjusted.
-- A day's price is the most common one of its order lines; on a tie the one of more units, then the higher one.
-- Adjustments name a price only for products not sold until that day.
with names as (
    select
        stock_code,
        description,
        row_number() over (
            partition by stock_code
            order by kind = 'order line' desc, count(*) desc, max(invoiced_at) desc, description
        ) as choice
    from lines
    where description is not null and kind in ('order line', 'stock adjustment', 'return')
    group by stock_code, description, kind = 'order line'
),

priced_lines as (
    select
        stock_code,
        invoice_date,
        kind,
        abs(quantity) as units,
        greatest(coalesce(price, 0), 0) as price,
        min(invoice_date) filter (where kind = 'order line') over (partition by stock_code) as first_sold
    from lines
    where kind in ('order line', 'stock adjustment')
),

prices_by_day as (
    select
        stock_code,
        invoice_date,
        price,
        row_number() over (
            partition by stock_code, invoice_date
            order by count(*) desc, sum(units) desc, price desc
        ) as choice
    from priced_lines
    where kind = 'order line' or first_sold is null or invoice_date < first_sold
    group by stock_code, invoice_date, price
),

price_changes as (
    select
        stock_code,
        invoice_date,
        price,
        lag(price) over (partition by stock_code order by invoice_date) as price_before
    from prices_by_day
    where choice = 1
)

select
    price_changes.invoice_date as landing_date,
    price_changes.stock_code as product_id,
    coalesce(names.description, price_changes.stock_code) as product_name,
    price_changes.price as list_price,
    cast(price_changes.invoice_date as timestamp) as updated_at
from price_changes
left join names on price_changes.stock_code = names.stock_code and names.choice = 1
where price_changes.price is distinct from price_changes.price_before -- price_before is null on the first day
