-- The published release with the settings it was made with; no row where serving holds another one.
select
    publication.release_id,
    publication.run_id,
    publication.as_of,
    publication.published_at,
    releases.settings ->> 'currency' as currency,
    releases.settings ->> 'timezone' as timezone
from serving.publication
join lakehouse.releases on releases.release_id = publication.release_id
where publication.release_id = :release_id
