-- One row per invoice of digits with an order line, delivered the moment it was written.
with order_lines as (
    select
        invoice,
        invoice_date,
        invoiced_at,
        customer_id
    from lines
    where kind = 'order line' -- the others are counted in `accounting`
)

select distinct
    invoice_date as landing_date,
    invoice as order_id,
    customer_id,
    cast(null as varchar) as store_id,
    'delivered' as status,
    invoiced_at as created_at,
    invoiced_at as paid_at,
    invoiced_at as fulfilled_at,
    invoiced_at as delivered_at,
    cast(null as timestamp) as returned_at,
    cast(null as timestamp) as cancelled_at,
    'other' as payment_method,
    'GBP' as currency,
    cast(null as decimal(18, 4)) as shipping_amount,
    invoiced_at as updated_at
from order_lines
