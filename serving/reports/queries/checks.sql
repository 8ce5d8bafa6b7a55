-- One row per check of the run that made this release: what failed first.
select
    checks.check_name,
    checks.table_name,
    checks.severity,
    checks.status,
    checks.observed,
    checks.threshold
from lakehouse.check_results as checks
join serving.publication on publication.run_id = checks.run_id
order by checks.status, checks.severity, checks.check_name, checks.table_name
