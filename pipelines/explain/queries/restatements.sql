-- One row per release and measure of a date that changed after it was published, the first change first.
select
    release_id,
    measure,
    old_value,
    new_value,
    difference,
    causes
from gold.fct_restatements
where date = $date
order by release_id, measure
