-- One row per file that could not be read as its source.
select landing_date, source_file, file_hash, source, reason, run_id, rejected_at
from lakehouse.rejected_files
where landing_date between cast(:start as date) and cast(:end as date)
