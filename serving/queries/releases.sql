-- One row per release, the newest first.
select release_id, run_id, as_of, created_at
from lakehouse.releases
where release_id < coalesce(cast(:after_release_id as bigint), 9223372036854775807)
order by release_id desc
limit cast(:limit as int)
