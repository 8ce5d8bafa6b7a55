-- The release in force: one row, or none.
select publication.release_id,
       publication.run_id,
       publication.as_of,
       publication.published_at,
       releases.settings ->> 'timezone' as timezone
from serving.publication
join lakehouse.releases on releases.release_id = publication.release_id
