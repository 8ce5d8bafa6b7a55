-- One row per source: where every landed row went.
select source, bronze_rows, current_rows, superseded_rows, quarantined_rows
from serving.conservation
order by source
