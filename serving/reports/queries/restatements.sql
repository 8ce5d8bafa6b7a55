-- One row per release, date and measure that a later release changed, the newest release first.
select
    release_id,
    date,
    measure,
    old_value,
    new_value,
    round(difference, 4) as difference,
    array_to_string(causes, ', ') as causes
from serving.fct_restatements
order by release_id desc, date desc, measure
limit 1000
