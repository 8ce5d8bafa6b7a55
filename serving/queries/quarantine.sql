-- One row per row kept out, as the release has it.
select source, landing_date, source_file, row_number, row_hash, raw, reasons, run_id, quarantined_at, status,
       corrected_by
from serving.quarantine
where (cast(:status as text) = 'all' or status = cast(:status as text))
  and (cast(:source as text[]) is null or source = any(cast(:source as text[])))
  and (cast(:reason as text[]) is null or reasons && cast(:reason as text[]))
