-- One row per row of the export: what it is (kind), and its number among the rows of that kind of its invoice.
-- Time, customer and country are the invoice's: its first time, and the first customer and country it names.
with invoice_rows as (
    select
        row_id,
        invoice,
        stock_code,
        description,
        quantity,
        price,
        is_repeated,
        min(invoiced_at) over (partition by invoice) as invoiced_at,
        first_value(customer_id ignore nulls) over whole_invoice as customer_id,
        first_value(country ignore nulls) over whole_invoice as country
    from rows_read
    window whole_invoice as (
        partition by invoice order by row_id rows between unbounded preceding and unbounded following
    )
),

kinds as (
    select
        *,
        case
            when invoice is null then 'no invoice number'
            when is_repeated then 'repeated invoice'
            when regexp_full_match(invoice, '[ABD-Z].*') then 'ledger adjustment'
            when not regexp_full_match(invoice, 'C?\d+') then 'invoice number not understood'
            when invoiced_at is null then 'no invoice date'
            when stock_code is null then 'no stock code'
            when quantity is null then 'quantity is no whole number'
            when invoice like 'C%' and quantity < 0 then 'return'
            when invoice like 'C%' then 'cancellation of no units'
            when quantity < 0 then 'stock adjustment'
            when quantity = 0 then 'quantity of zero'
            when price is null then 'price is no amount'
            when price < 0 then 'negative price'
            when quantity * cast(price as decimal(28, 4)) >= 100000000000000 then 'amount too large'
            else 'order line'
        end as kind
    from invoice_rows
)

select
    row_id,
    invoice,
    stock_code,
    description,
    quantity,
    price,
    invoiced_at,
    cast(invoiced_at as date) as invoice_date,
    customer_id,
    country,
    kind,
    row_number() over (partition by invoice, kind order by row_id) as line_number
from kinds
