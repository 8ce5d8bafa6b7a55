-- One row per run.
select run_id, command, started_at, finished_at, status, release_id, as_of, message
from lakehouse.runs
where (cast(:status as text[]) is null or status = any(cast(:status as text[])))
