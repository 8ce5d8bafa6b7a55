-- Detects: A source that used to land and is missing in the newest landing dates.
-- Why: An export that stopped leaves every figure in place, and every figure old.
-- Severity: warning
-- Table: bronze.landed_files
-- Remedy: See why the shop no longer exports it
-- It used to land: on at least 3 of the 7 landing dates up to its last. It is missing: on more dates in a row than it
-- was out on of these 7, and one more if it ever brought fewer than 10 rows on these: a quiet source is not late at
-- once. After 14 dates it is taken to have ended. A date is one on which something landed, never the clock's.
with dates as (
    select landing_date, row_number() over (order by landing_date) as number
    from (select distinct landing_date from bronze.landed_files)
),

landed as (
    select files.source, dates.landing_date, dates.number, sum(files.rows) as rows
    from bronze.landed_files as files
    inner join dates on files.landing_date = dates.landing_date
    group by all
),

last_landed as (
    select source, max(number) as number, max(landing_date) as landing_date from landed group by source
),

habits as (
    select
        last_landed.source,
        last_landed.landing_date as last_landing_date,
        (select max(number) from dates) - last_landed.number as dates_missing,
        count(*) as dates_landed,
        min(landed.rows) as fewest_rows
    from last_landed
    inner join landed
        on last_landed.source = landed.source and landed.number between last_landed.number - 6 and last_landed.number
    where last_landed.number >= 7
    group by all
),

bounded as (
    select *, 7 - dates_landed + case when fewest_rows < 10 then 1 else 0 end as most
    from habits
    where dates_landed >= 3
)

select
    source, last_landing_date, dates_missing, dates_landed, fewest_rows,
    format('{} last landed on {}, {} landing dates ago', source, last_landing_date, dates_missing) as observed,
    format('{}, as it landed on {} of the 7 dates up to its last', most, dates_landed) as threshold
from bounded
where dates_missing > most and dates_missing <= 14
order by source
