-- One row per thing worth saying about the export as a whole.
with unknown_countries as (
    select
        lines.country,
        count(*) as row_count
    from lines
    left join countries on lower(lines.country) = lower(countries.name)
    where lines.country is not null and countries.name is null
    group by lines.country
),

spread_invoices as (
    select invoice
    from rows_read
    group by invoice
    having min(invoiced_at) < max(invoiced_at)
),

notes as (
    select
        format('country {} is not in countries.csv: {} rows, their customers land without one', country, row_count)
            as note
    from unknown_countries
    union all
    select format('{} invoices have several timestamps; each is created at its first', count(*)) as note
    from spread_invoices
    having count(*) > 0
)

select note
from notes
order by note
