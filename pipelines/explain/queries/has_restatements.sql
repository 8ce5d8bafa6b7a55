-- One row: does the release hold the log of restatements?
select count(*) > 0 as is_there
from information_schema.tables
where table_schema = 'gold' and table_name = 'fct_restatements'
