-- One row per run that ended before this release was made, the last 30.
select
    runs.run_id,
    runs.command,
    runs.started_at::date as day,
    runs.status,
    runs.release_id,
    round(extract(epoch from runs.finished_at - runs.started_at)::numeric, 1)::float8 as seconds,
    (select sum(steps.rows_out) from lakehouse.run_steps as steps where steps.run_id = runs.run_id)::bigint as rows_out,
    (select sum(steps.quarantined) from lakehouse.run_steps as steps where steps.run_id = runs.run_id)::bigint as held
from lakehouse.runs as runs
cross join serving.publication
where runs.finished_at is not null
  and runs.run_id <> publication.run_id
  and runs.started_at <= publication.published_at
order by runs.started_at desc, runs.run_id
limit 30
