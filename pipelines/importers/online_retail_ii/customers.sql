-- One row per customer and day: the day it is first seen, and each day its country is another than before.
with seen_customers as (
    select
        invoice_date,
        customer_id,
        coalesce(countries.code, '') as country, -- '' rather than null, so that it compares
        row_number() over (
            partition by customer_id, invoice_date order by invoiced_at desc, row_id desc
        ) as from_latest
    from lines
    left join countries on lower(lines.country) = lower(countries.name)
    where
        customer_id is not null
        and invoice_date is not null
        -- What is left out names no customer, but an unmatched return does.
        and kind in ('order line', 'return', 'stock adjustment')
),

country_by_day as (
    select
        invoice_date,
        customer_id,
        country,
        lag(country) over (partition by customer_id order by invoice_date) as country_before
    from seen_customers
    where from_latest = 1
)

select
    invoice_date as landing_date,
    customer_id,
    nullif(country, '') as country,
    cast(invoice_date as timestamp) as updated_at
from country_by_day
where country is distinct from country_before -- country_before is null on the first day
