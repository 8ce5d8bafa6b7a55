-- One row per date whose net revenue this release changed after it was published: what it was, is, and why.
select date, old_value, new_value, array_to_string(causes, ', ') as causes
from serving.fct_restatements
where release_id = :release_id and measure = 'net_revenue'
order by date
