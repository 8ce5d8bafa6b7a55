-- Of products whose history changed, the lines since then; the first version holds for all time before it.
create table in_orders.scope.products as
select
    changed.product_id,
    case
        when min(changed.updated_at) <= (
            select min(versions.updated_at) from memory.silver.product_versions as versions
            where versions.product_id = changed.product_id
        ) then date '1900-01-01'
        else cast(min(changed.updated_at) as date)
    end as since
from memory.changed.product_versions as changed
group by changed.product_id;
