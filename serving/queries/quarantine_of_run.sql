-- One row per row that the run :run_id kept out, also where it stopped and released nothing.
with kept_out as (
    select source, landing_date, source_file, row_number, row_hash, raw, reasons, run_id, quarantined_at, status,
           corrected_by
    from serving.quarantine
    union all
    select source, landing_date, source_file, row_number, row_hash, raw, reasons, run_id, quarantined_at, status,
           corrected_by
    from lakehouse.stopped_quarantine
)
select * from kept_out
where run_id = cast(:run_id as text)
  and (cast(:status as text) = 'all' or status = cast(:status as text))
  and (cast(:source as text[]) is null or source = any(cast(:source as text[])))
  and (cast(:reason as text[]) is null or reasons && cast(:reason as text[]))
