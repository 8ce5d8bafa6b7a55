-- One row per return row of an order, in the order in which the shares of a line run.
select
    return_id,
    line_number,
    quantity,
    returned_at,
    landing_date,
    source_file,
    row_number
from silver.returns
where order_id = $order_id
order by line_number, returned_at, return_id
