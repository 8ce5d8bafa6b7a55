-- One row per release, date and measure of dates from :start to :end that the release changed.
select release_id, date, measure, old_value, new_value, difference, causes
from serving.fct_restatements
where date between cast(:start as date) and cast(:end as date)
  and (cast(:measure as text[]) is null or measure = any(cast(:measure as text[])))
