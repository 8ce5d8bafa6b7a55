-- One row per finished step of the runs of :ids, in order.
select run_id, position, step, rows_in, rows_out, quarantined, seconds
from lakehouse.run_steps
where run_id = any(cast(:ids as text[]))
order by run_id, position
