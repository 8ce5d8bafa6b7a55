-- One row per source and reason of the open quarantined rows that no later row has corrected.
select source, reason, count(*) as held_rows
from serving.quarantine
cross join unnest(reasons) as reason
where status = 'open' and corrected_by is null
group by source, reason
order by held_rows desc, source, reason
