-- Detects: a source of which more of the rows this run loaded are bad than max_reject_ratio allows.
-- Why: a column that moved or a broken export makes most of a file bad; better the last release than a hole in this one.
-- Severity: blocking
-- Table: silver.quarantine
-- Remedy: Mend the file and run again, or allow it for once with --max-reject-ratio
-- Rows that only wait for a parent are not bad, and under 100 rows a share says nothing.
with loaded as (
    select source, landing_date, source_file, rows
    from bronze.landed_files
    where run_id = $run_id
),

bad as (
    select loaded.source, loaded.landing_date, loaded.source_file, quarantine.row_number, quarantine.reasons
    from loaded
    inner join silver.quarantine as quarantine
        on
            loaded.source = quarantine.source
            and loaded.landing_date = quarantine.landing_date
            and loaded.source_file = quarantine.source_file
    where
        quarantine.status = 'open'
        and len(list_filter(quarantine.reasons, lambda reason: not reason like '%:orphan')) > 0
),

counted as (
    select
        loaded.source,
        sum(loaded.rows)::bigint as loaded_rows,
        (select count(*) from bad where bad.source = loaded.source) as bad_rows
    from loaded
    group by loaded.source
)

select
    bad.source,
    bad.landing_date,
    bad.source_file,
    bad.row_number,
    array_to_string(bad.reasons, ' ') as reasons,
    format('{} of {} rows of {} bad', counted.bad_rows, counted.loaded_rows, counted.source) as observed,
    format('{}%', round(100 * $max_reject_ratio, 4)) as threshold
from bad
inner join counted on bad.source = counted.source
where counted.loaded_rows >= 100 and counted.bad_rows > $max_reject_ratio * counted.loaded_rows
order by bad.source, bad.landing_date, bad.source_file, bad.row_number
