-- One row per release.
select release_id, run_id, as_of, created_at
from lakehouse.releases
