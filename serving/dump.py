"""Our own schemas out of a database and into another: their definition from the catalog, their rows by COPY.

No program of a fitting version is needed, so it works for any Postgres that tillhouse works with. Roles
and grants stay behind: each database has its own.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from contracts.errors import UsageError
from serving import lock
from serving.copy import transfer

_OURS = "(nspname in ('lakehouse', 'serving') or nspname ~ '^serving_(v[0-9]+|history|bi|at)$')"
_FROM = f" from pg_class as c join pg_namespace as n on n.oid = relnamespace where {_OURS}"
# Before its last step a restored database bears this mark, and belongs to no home.
RESTORING = "restoring:"

_SCHEMAS = f"select format('create schema %I', nspname) from pg_namespace where {_OURS} order by nspname"
_TABLES = (
    "select nspname, relname,"
    " (select array_agg(attname::text order by attnum) from pg_attribute"
    "   where attrelid = c.oid and attnum > 0 and not attisdropped) as columns,"
    " (select string_agg(format('%I %s', attname, format_type(atttypid, atttypmod))"
    "     || case when attnotnull then ' not null' else '' end"
    "     || coalesce(' default ' || pg_get_expr(adbin, adrelid), ''), ', ' order by attnum)"
    "   from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum"
    "   where attrelid = c.oid and attnum > 0 and not attisdropped) as definition"
    f"{_FROM} and relkind = 'r' order by nspname, relname"
)
_CONSTRAINTS = (
    "select format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(o.oid))"
    " from pg_constraint as o join pg_namespace as n on n.oid = connamespace"
    f" where {_OURS} and contype in ('p', 'u', 'c', 'f') order by contype = 'f', conrelid::regclass::text, conname"
)
_INDEXES = (
    "select pg_get_indexdef(indexrelid) from pg_index join pg_class as c on c.oid = indexrelid"
    f" join pg_namespace as n on n.oid = relnamespace where {_OURS}"
    " and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))"
    " order by c.oid"
)
_VIEWS = (
    "select format('create view %s%s as %s', c.oid::regclass,"
    " coalesce(' with (' || array_to_string(reloptions, ', ') || ')', ''), pg_get_viewdef(c.oid))"
    f"{_FROM} and relkind = 'v' order by c.oid"
)
_COMMENTS = (
    "select format('comment on %s %s is %L', case relkind when 'v' then 'view' else 'table' end, c.oid::regclass,"
    f" obj_description(c.oid, 'pg_class')){_FROM} and relkind in ('r', 'v')"
    " and obj_description(c.oid, 'pg_class') is not null order by c.oid",
    "select format('comment on column %s.%I is %L', c.oid::regclass, attname, col_description(c.oid, attnum))"
    " from pg_class as c join pg_namespace as n on n.oid = relnamespace join pg_attribute on attrelid = c.oid"
    f" where {_OURS} and relkind in ('r', 'v') and attnum > 0 and col_description(c.oid, attnum) is not null"
    " order by c.oid, attnum",
)


@dataclass(frozen=True)
class Dumped:
    """A table: its name as SQL writes it, its columns, and the file of its rows."""

    relation: str
    columns: str
    file: str


@dataclass(frozen=True)
class Structure:
    """What to run before and after the rows."""

    before: tuple[str, ...]
    tables: tuple[Dumped, ...]
    after: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For a file."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> "Structure":
        """From it."""
        tables = tuple(Dumped(**table) for table in found["tables"])
        return cls(tuple(found["before"]), tables, tuple(found["after"]))


def dump(connection: sa.Connection, folder: Path) -> Structure:
    """Write the rows of every table into `folder`, as the connection's transaction sees them."""
    # With no search path every name in a definition comes with its schema.
    connection.execute(sa.text("set local search_path = ''"))
    before, tables = list(connection.scalars(sa.text(_SCHEMAS))), []
    quoted = connection.dialect.identifier_preparer.quote_identifier
    for schema, name, columns, definition in connection.execute(sa.text(_TABLES)):
        table = Dumped(f"{quoted(schema)}.{quoted(name)}", ", ".join(map(quoted, columns)), f"{schema}.{name}.copy")
        before.append(f"create table {table.relation} ({definition})")
        with (folder / table.file).open("wb") as rows:
            transfer(connection, f"copy {table.relation} ({table.columns}) to stdout", rows)
        tables.append(table)
    after = [
        each for query in (_CONSTRAINTS, _INDEXES, _VIEWS, *_COMMENTS) for each in connection.scalars(sa.text(query))
    ]
    return Structure(tuple(before), tuple(tables), tuple(after))


def load(connection: sa.Connection, structure: Structure, opened: Callable[[str], IO[bytes]]) -> None:
    """Make the schemas and fill them, within the connection's transaction; `opened` gives the file of a table.

    Raises UsageError where the database holds a home already.
    """
    lock.set_up(connection)
    schemas = connection.scalars(sa.text(f"select nspname from pg_namespace where {_OURS}")).all()
    owner = lake_of(connection)
    if schemas and not (owner or "").startswith(RESTORING):
        raise UsageError(
            f"The database holds a home already{f' (its lake is {owner})' if owner else ''}. Name an empty one in "
            "TILLHOUSE_DATABASE_URL, or unset it for an embedded one."
        )
    for schema in schemas:
        connection.exec_driver_sql(f'drop schema "{schema}" cascade')
    connection.exec_driver_sql("set local search_path = ''")
    _run(connection, structure.before)
    for table in structure.tables:
        with opened(table.file) as rows:
            transfer(connection, f"copy {table.relation} ({table.columns}) from stdin", rows)
    _run(connection, structure.after)


def lake_of(connection: sa.Connection) -> str | None:
    """The id of the lake the database belongs to; None where it belongs to none."""
    if connection.scalar(sa.text("select to_regclass('lakehouse.lake')")) is None:
        return None
    owner: str | None = connection.scalar(sa.text("select lake_id from lakehouse.lake"))
    return owner


def _run(connection: sa.Connection, statements: tuple[str, ...]) -> None:
    for statement in statements:
        cursor = connection.connection.cursor()
        cursor.execute(statement)  # as it is: a percent sign or a colon in a comment is text
