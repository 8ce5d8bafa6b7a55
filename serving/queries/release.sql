-- The newest release up to :as_of or, where that is null, the one of :release_id; can it still be shown?
with recent as (
    select min(release_id) as first from lakehouse.releases where created_at > cast(:since as timestamptz)
),
kept as (
    -- As serving/retention.py says: the one in force when retention began is the oldest to keep.
    select greatest(
        coalesce(
            (select max(release_id) from lakehouse.releases where release_id < (select first from recent)),
            (select first from recent),
            (select max(release_id) from lakehouse.releases)
        ),
        (select max(release_id) from lakehouse.history_begins)
    ) as oldest
)
select releases.release_id,
       releases.run_id,
       releases.as_of,
       releases.created_at as published_at,
       releases.settings ->> 'timezone' as timezone,
       releases.release_id >= kept.oldest as is_kept
from lakehouse.releases, kept
where case
          when cast(:as_of as date) is not null then releases.as_of <= cast(:as_of as date)
          else releases.release_id = cast(:release_id as bigint)
      end
order by releases.release_id desc
limit 1
