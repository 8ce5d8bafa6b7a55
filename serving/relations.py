"""What Postgres has: the tables and views of some schemas, with their columns, keys and indexes."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa

Name = tuple[str, str]  # schema and relation

_RELATIONS = """
select pg_class.oid, nspname, relname, relkind, attname, format_type(atttypid, atttypmod), attnotnull
from pg_class
join pg_namespace on pg_namespace.oid = relnamespace
left join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
where nspname = any(:schemas) and relkind not in ('i', 'I', 'c', 'S', 't')
order by nspname, relname, attnum
"""
_KEYS = """
select keyed.nspname, held.relname, contype, array_agg(cast(attname as text) order by position), parent.relname
from pg_constraint
join pg_class as held on held.oid = conrelid
join pg_namespace as keyed on keyed.oid = held.relnamespace
left join pg_class as parent on parent.oid = confrelid and parent.relnamespace = held.relnamespace
cross join unnest(conkey) with ordinality as part (number, position)
join pg_attribute on attrelid = conrelid and attnum = number
where keyed.nspname = any(:schemas) and contype in ('p', 'f') and convalidated
group by pg_constraint.oid, keyed.nspname, held.relname, contype, parent.relname
"""
# Without those still being built or left half built, and those over some rows or over expressions.
_INDEXES = """
select nspname, relname, array_agg(cast(attname as text) order by position)
from pg_index
join pg_class on pg_class.oid = indrelid
join pg_namespace on pg_namespace.oid = relnamespace
cross join unnest(cast(indkey as smallint[])) with ordinality as part (number, position)
join pg_attribute on attrelid = indrelid and attnum = number
where nspname = any(:schemas) and indisvalid and indisready and indpred is null and indexprs is null
group by indexrelid, nspname, relname
"""
_STANDS_ON = """
select distinct shown.nspname, view.relname, behind.nspname || '.' || base.relname
from pg_class as view
join pg_namespace as shown on shown.oid = view.relnamespace
join pg_rewrite on ev_class = view.oid
join pg_depend on classid = cast('pg_rewrite' as regclass) and objid = pg_rewrite.oid
    and refclassid = cast('pg_class' as regclass) and refobjid <> view.oid
join pg_class as base on base.oid = refobjid
join pg_namespace as behind on behind.oid = base.relnamespace
where shown.nspname = any(:schemas) and view.relkind = 'v'
"""


@dataclass
class Relation:
    """A table or a view as it is."""

    oid: int
    kind: str  # as in pg_class: `r` a table, `v` a view
    columns: dict[str, str] = field(default_factory=dict)  # name to type, in order
    required: set[str] = field(default_factory=set)  # columns that take no null
    key: tuple[str, ...] = ()
    references: set[tuple[tuple[str, ...], str]] = field(default_factory=set)  # columns, and the table they name
    indexes: set[tuple[str, ...]] = field(default_factory=set)
    stands_on: set[str] = field(default_factory=set)  # of a view, as `schema.name`


def look(connection: sa.Connection, schemas: Iterable[str]) -> dict[Name, Relation]:
    """Every table and view of the schemas."""
    places = {"schemas": list(schemas)}
    found: dict[Name, Relation] = {}
    nothing = Relation(0, "")  # for what somebody makes between two of the questions
    for oid, schema, name, kind, column, spelled, required in connection.execute(sa.text(_RELATIONS), places):
        relation = found.setdefault((schema, name), Relation(oid, kind))
        if column is not None:
            relation.columns[column] = spelled
            if required:
                relation.required.add(column)
    for schema, name, kind, columns, parent in connection.execute(sa.text(_KEYS), places):
        held = found.get((schema, name), nothing)
        if kind == "p":
            held.key = tuple(columns)
        elif parent is not None:
            held.references.add((tuple(columns), parent))
    for schema, name, columns in connection.execute(sa.text(_INDEXES), places):
        found.get((schema, name), nothing).indexes.add(tuple(columns))
    for schema, name, base in connection.execute(sa.text(_STANDS_ON), places):
        found.get((schema, name), nothing).stands_on.add(base)
    return found
