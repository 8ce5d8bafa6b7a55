-- Detects: A source of which far more or fewer rows landed than on the same weekday of the eight weeks before.
-- Why: Half an export, or one sent twice under other keys, is a file like any other until its rows are counted.
-- Severity: warning
-- Table: bronze.landed_files
-- Remedy: Compare the file with what the shop did that day; land it again if it is not whole
-- Judged are this run's landing dates later than any loaded before (the newest seven; of a first run the newest), where
-- four such weekdays or more are known. Far is beyond three MADs, and beyond a third of the median and what chance
-- explains, so that neither few rows nor always as many alarm for a handful.
with landed as (
    select source, landing_date, sum(rows) as rows, bool_or(run_id = $run_id) as is_new
    from bronze.landed_files
    group by source, landing_date
),

known as (
    select max(landing_date) as newest_date from bronze.landed_files where run_id <> $run_id
),

judged as (
    select landed.source, landed.landing_date, landed.rows
    from landed
    cross join known
    where
        landed.is_new
        and landed.landing_date > greatest($as_of::date - 7, coalesce(known.newest_date, $as_of::date - 1))
),

weekdays_before as (
    select judged.source, judged.landing_date, judged.rows, before.rows as rows_before
    from judged
    inner join landed as before
        on
            judged.source = before.source
            and before.landing_date between judged.landing_date - 56 and judged.landing_date - 7
            and (judged.landing_date - before.landing_date) % 7 = 0
),

usual as (
    select
        source,
        landing_date,
        rows,
        median(rows_before) as usual_rows,
        mad(rows_before) as deviation
    from weekdays_before
    group by source, landing_date, rows
    having count(*) >= 4
),

bounded as (
    -- Rows come several at a time: three times the variance of single ones.
    select *, greatest(3 * deviation, usual_rows / 3, 3 * sqrt(3 * greatest(usual_rows, 1))) as far from usual
)

select
    source,
    landing_date,
    rows,
    usual_rows,
    deviation,
    format('{} rows of {} on {}', rows::bigint, source, landing_date) as observed,
    format('median {:.0f}, {:.0f} to {:.0f}', usual_rows, greatest(usual_rows - far, 0), usual_rows + far) as threshold
from bounded
where abs(rows - usual_rows) > far
order by landing_date, source
