-- One row per check of the run :run_id.
select run_id, check_name, table_name, severity, status, observed, threshold, sample
from lakehouse.check_results
where run_id = cast(:run_id as text)
  and (cast(:status as text) is null or status = cast(:status as text))
