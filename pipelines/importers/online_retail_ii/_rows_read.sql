-- One row per row of the export, its values typed; is_repeated marks what a copy of the invoice has said already.
-- A copy is an unbroken run of an invoice's rows. Of equal rows as many count as the copy with most of them has.
with typed_rows as (
    select
        row_id,
        row_number,
        upper(regexp_replace(invoice, '\.0+$', '')) as invoice,
        stock_code,
        description,
        -- Null: no whole number, and no amount.
        case
            when regexp_full_match(quantity, '[+-]?\d{1,9}(\.0*)?')
                then cast(cast(quantity as decimal(18, 4)) as bigint)
        end as quantity,
        invoiced_at,
        case
            when regexp_full_match(price, '[+-]?(\d+(\.\d*)?|\.\d+)') then try_cast(price as decimal(18, 4))
        end as price,
        regexp_replace(customer_id, '\.0+$', '') as customer_id,
        country
    from export
),

copy_starts as (
    select
        *,
        row_number = 1 or invoice is distinct from lag(invoice) over (order by row_id) as starts_copy
    from typed_rows
),

copies as (
    select
        *,
        sum(cast(starts_copy as integer)) over (order by row_id) as copy_number
    from copy_starts
),

occurrences as (
    select
        *,
        row_number() over (
            partition by
                copy_number, stock_code, description, quantity, invoiced_at, price, customer_id, country
            order by row_id
        ) as occurrence
    from copies
)

select
    row_id,
    invoice,
    stock_code,
    description,
    quantity,
    invoiced_at,
    price,
    customer_id,
    country,
    row_number() over (
        partition by
            invoice, stock_code, description, quantity, invoiced_at, price, customer_id, country, occurrence
        order by row_id
    ) > 1 as is_repeated
from occurrences
