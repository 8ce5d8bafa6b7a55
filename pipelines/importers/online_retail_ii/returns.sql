-- One row per return line and sale line it gives units back of.
select
    lines.invoice_date as landing_date,
    format('{}-{}-{}', lines.invoice, lines.line_number, return_matches.part) as return_id,
    return_matches.order_id,
    return_matches.order_line_number as line_number,
    return_matches.quantity,
    lines.invoiced_at as returned_at,
    cast(null as varchar) as reason
from return_matches
inner join lines on return_matches.row_id = lines.row_id -- each match is of one line
