-- One row per column of every served table, in order, with its place in the table's key.
with newest as (
    select oid
    from pg_namespace
    where nspname ~ '^serving_v[0-9]+$'
    order by cast(substr(nspname, 10) as int) desc
    limit 1
)
select shown.relname::text as table_name,
       obj_description(shown.oid, 'pg_class') as grain,
       columns.attname::text as column_name,
       format_type(columns.atttypid, columns.atttypmod) as kind,
       array_position(keys.conkey, behind_columns.attnum) as key_position
from pg_class as shown
inner join pg_namespace as space on space.oid = shown.relnamespace and space.nspname = 'serving'
inner join pg_attribute as columns on columns.attrelid = shown.oid and columns.attnum > 0
inner join pg_class as behind on behind.relname = shown.relname and behind.relnamespace = (select oid from newest)
inner join pg_attribute as behind_columns
    on behind_columns.attrelid = behind.oid and behind_columns.attname = columns.attname
inner join pg_constraint as keys on keys.conrelid = behind.oid and keys.contype = 'p'
where shown.relkind = 'v'
order by shown.relname, columns.attnum
