"""The served schema, from the contracts: tables, keys, indexes, comments, and the views readers use.

Tables lie in `serving_v<N>`, where a changed contract makes a new N; `serving` holds views over them,
`serving_bi` the same views without the columns that hold personal data, and `serving_at` views over tables and
history with the releases each row is true for.
Each table has one column its view hides: `from_release`, the release that wrote the row.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from contracts.base import Column, Table
from contracts.errors import ChangedType
from contracts.registry import tables
from serving import roles

HISTORY = "serving_history"
VIEWS = "serving"
BI_VIEWS = roles.BI_VIEWS
AT_VIEWS = roles.AT_VIEWS
POSTGRES: dict[str, sa.types.TypeEngine[Any]] = {
    "text": sa.Text(),
    "int": sa.BigInteger(),
    "money": sa.Numeric(18, 4),
    "difference": sa.Numeric(38, 10),
    "ratio": sa.Double(),
    "ts": sa.DateTime(),
    "date": sa.Date(),
    "bool": sa.Boolean(),
    "texts": postgresql.ARRAY(sa.Text()),
}


def served_tables() -> list[Table]:
    """Every table published to Postgres: gold, the quarantine, conservation."""
    found = [*tables("gold").values(), *tables("silver").values(), *tables("quality").values()]
    return [table for table in found if table.served]


def metadata(schema: str, *, keys: bool = True) -> sa.MetaData:
    """The tables behind the views, with keys, foreign keys and indexes, or without any of them."""
    data = sa.MetaData(schema=schema)
    served = {table.name: table for table in served_tables()}
    for table in served.values():
        definition = sa.Table(
            table.name,
            data,
            *(_column(column) for column in table.columns),
            sa.Column("from_release", sa.BigInteger(), nullable=False),
            *([sa.PrimaryKeyConstraint(*table.key)] if keys else []),
            comment=table.grain,
        )
        if not keys:
            continue
        for reference in table.references:
            parent = served.get(reference.table)
            # Deferred: a publish replaces parents and children in any order within its transaction.
            if parent is not None and set(parent.key) == set(reference.columns):
                definition.append_constraint(
                    sa.ForeignKeyConstraint(
                        list(reference.columns),
                        [f"{schema}.{parent.name}.{name}" for name in reference.columns],
                        deferrable=True,
                        initially="DEFERRED",
                    )
                )
        for column in _indexed(table):
            sa.Index(f"{table.name}_{column}", definition.c[column])
    return data


def _column(column: Column) -> sa.Column[object]:
    return sa.Column(column.name, POSTGRES[column.type], nullable=column.nullable, comment=column.meaning)


def _indexed(table: Table) -> list[str]:
    """The partition, which publishing replaces by, and every foreign key's first column, unless the key begins so."""
    wanted = [table.partition] if table.partition else []
    wanted += [reference.columns[0] for reference in table.references]
    return [name for name in dict.fromkeys(wanted) if name and name != table.key[0]]


def statements(schema: str) -> list[str]:
    """The DDL of the tables behind the views, parents first."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    found = []
    for table in metadata(schema).sorted_tables:
        found.append(str(CreateTable(table).compile(dialect=dialect)))
        found += [str(CreateIndex(index).compile(dialect=dialect)) for index in sorted(table.indexes, key=_name)]
    return found


def _name(index: sa.Index) -> str:
    return str(index.name)


def fingerprint() -> str:
    """Changes whenever the served tables do."""
    comments = [f"{table.full_name} {table.grain} {table.columns}" for table in served_tables()]
    return hashlib.sha256("\n".join(statements("serving_v0") + comments).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Target:
    """The schema of the tables a publication writes to."""

    schema: str
    version: int
    is_new: bool  # tables without rows, keys and views, until `finish`
    replaces: str | None = None  # the schema that a new one takes the place of


def prepare(connection: sa.Connection) -> Target:
    """The schema that holds the tables of the current contracts; a new one where they changed or a table is gone.

    Inside the publishing transaction: readers see the old views until it commits.
    """
    row = connection.execute(
        sa.text("select version, fingerprint from lakehouse.serving_version order by version desc limit 1")
    ).one_or_none()
    if row is not None and row.fingerprint == fingerprint() and _is_whole(connection, f"serving_v{row.version}"):
        return Target(f"serving_v{row.version}", row.version, is_new=False)
    version = 1 if row is None else row.version + 1
    target = Target(f"serving_v{version}", version, is_new=True, replaces=f"serving_v{row.version}" if row else None)
    connection.execute(sa.text(f"create schema {target.schema}"))
    metadata(target.schema, keys=False).create_all(connection, checkfirst=False)
    _make_history(connection)
    return target


def _is_whole(connection: sa.Connection, schema: str) -> bool:
    """Are all tables and views there: somebody may have dropped some."""
    names = [table.name for table in served_tables()]
    wanted = {(place, name) for place in (schema, VIEWS, BI_VIEWS, AT_VIEWS, HISTORY) for name in names}
    found = connection.execute(
        sa.text(
            "select nspname, relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace"
            " where nspname = any(:places) and relname = any(:names) and relkind in ('r', 'v')"
        ),
        {"places": [schema, VIEWS, BI_VIEWS, AT_VIEWS, HISTORY], "names": names},
    )
    return wanted <= {(place, name) for place, name in found}


def finish(connection: sa.Connection, target: Target, release_id: int) -> None:
    """Give new tables their keys and indexes, show them through the views, and move the old rows to the history."""
    whole = metadata(target.schema)
    for table in whole.sorted_tables:
        connection.execute(AddConstraint(table.primary_key))
        for index in sorted(table.indexes, key=_name):
            connection.execute(CreateIndex(index))
    for table in whole.sorted_tables:
        for reference in table.foreign_key_constraints:
            connection.execute(AddConstraint(reference))
    if target.replaces is not None:
        _keep_replaced(connection, target.replaces, release_id)
    for views in (VIEWS, BI_VIEWS):
        _make_views(connection, target.schema, views)
    _make_views_of_releases(connection, target.schema)
    roles.grant(connection)
    connection.execute(
        sa.text("insert into lakehouse.serving_version values (:version, :fingerprint)"),
        {"version": target.version, "fingerprint": fingerprint()},
    )


def _keep_replaced(connection: sa.Connection, schema: str, release_id: int) -> None:
    """The rows of a schema that is replaced, as they were published, in the columns the history has."""
    for table in served_tables():
        shared = connection.scalars(
            sa.text(
                "select a.attname from pg_attribute as a join pg_attribute as b using (attname)"
                " where a.attrelid = to_regclass(:old) and b.attrelid = to_regclass(:kept)"
                " and a.attnum > 0 and b.attnum > 0 and not a.attisdropped and not b.attisdropped order by a.attnum"
            ),
            {"old": f"{schema}.{table.name}", "kept": f"{HISTORY}.{table.name}"},
        ).all()
        if shared:
            names = ", ".join(f'"{name}"' for name in shared)
            kinds = {column.name: _type_of(connection, column) for column in table.columns}
            cast = ", ".join(f'cast("{name}" as {kinds[name]})' if name in kinds else f'"{name}"' for name in shared)
            with _fitting(table):
                connection.execute(
                    sa.text(
                        f'insert into {HISTORY}."{table.name}" ({names}, to_release)'
                        f' select {cast}, :release from {schema}."{table.name}"'
                    ),
                    {"release": release_id},
                )


def drop_replaced(connection: sa.Connection) -> None:
    """Drop schemas no view shows any more, unless a reader still holds one."""
    connection.execute(sa.text("set local lock_timeout = '2s'"))
    old = connection.scalars(
        sa.text(
            "select nspname from pg_namespace where nspname ~ '^serving_v[0-9]+$' and nspname <>"
            " (select 'serving_v' || max(version) from lakehouse.serving_version)"
        )
    ).all()
    for schema in old:
        connection.execute(sa.text(f"drop schema {schema} cascade"))


def _make_history(connection: sa.Connection) -> None:
    """Replaced rows, with the releases they were true for; a table that is there gets the columns it lacks."""
    connection.execute(sa.text(f"create schema if not exists {HISTORY}"))
    for table in served_tables():
        releases = "from_release bigint not null, to_release bigint not null"
        connection.execute(sa.text(f'create table if not exists {HISTORY}."{table.name}" ({releases})'))
        index = f'"{table.name}_to_release" on {HISTORY}."{table.name}" (to_release)'
        connection.execute(sa.text(f"create index if not exists {index}"))
    columns = connection.execute(
        sa.text(
            "select relname, attname, format_type(atttypid, atttypmod)"
            " from pg_attribute join pg_class on pg_class.oid = attrelid"
            " where relnamespace = to_regnamespace(:history) and relkind = 'r' and attnum > 0 and not attisdropped"
        ),
        {"history": HISTORY},
    )
    had = {(table, column): kind for table, column, kind in columns}
    for table in served_tables():
        for column in table.columns:
            _make_history_column(connection, table, column, had.get((table.name, column.name)))


def _make_history_column(connection: sa.Connection, table: Table, column: Column, had: str | None) -> None:
    """Add the column, or give it the type of its contract. Raises ChangedType where a replaced row does not fit."""
    kind = _type_of(connection, column)
    altered = f'alter table {HISTORY}."{table.name}"'
    if had is None:
        connection.execute(sa.text(f'{altered} add column "{column.name}" {kind}'))
    elif had != kind:
        # The views over it are made again when the new tables are.
        connection.execute(sa.text(f'drop view if exists {AT_VIEWS}."{table.name}"'))
        with _fitting(table):
            connection.execute(
                sa.text(f'{altered} alter column "{column.name}" type {kind} using cast("{column.name}" as {kind})')
            )


@contextmanager
def _fitting(table: Table) -> Iterator[None]:
    try:
        yield
    except sa.exc.DataError as error:
        raise ChangedType(
            f"A column of {table.full_name} has another type in its contract now, and a row that was published before "
            f"does not fit it: {str(error.orig).strip().splitlines()[0]}. The tables of before are served on. Give the "
            "column a type that holds both, or a new name."
        ) from error


def _type_of(connection: sa.Connection, column: Column) -> str:
    """As Postgres itself spells it."""
    return POSTGRES[column.type].compile(connection.dialect).lower().replace(", ", ",")


def _make_views(connection: sa.Connection, schema: str, views: str) -> None:
    connection.execute(sa.text(f"drop schema if exists {views} cascade"))
    connection.execute(sa.text(f"create schema {views}"))
    for table in served_tables():
        shown = [column for column in table.columns if views == VIEWS or not column.personal]
        names = ", ".join(f'"{column.name}"' for column in shown)
        connection.execute(
            sa.text(f'create view {views}."{table.name}" as select {names} from {schema}."{table.name}"')
        )
        _comment(connection, f'view {views}."{table.name}"', table.grain)
        for column in shown:
            _comment(connection, f'column {views}."{table.name}"."{column.name}"', column.meaning)
    connection.execute(
        sa.text(f"create view {views}.revenue_orders as select * from {views}.fct_orders where is_revenue")
    )
    _comment(connection, f"view {views}.revenue_orders", "The orders that bear revenue.")
    connection.execute(
        sa.text(
            f"create view {views}.publication as select release_id, run_id, as_of, created_at as published_at"
            " from lakehouse.releases order by release_id desc limit 1"
        )
    )
    _comment(connection, f"view {views}.publication", f"The release that all of `{views}` shows.")


def _make_views_of_releases(connection: sa.Connection, schema: str) -> None:
    """Every row of every release that is kept, with `from_release` and `to_release`, which is null while it is true."""
    connection.execute(sa.text(f"drop schema if exists {AT_VIEWS} cascade"))
    connection.execute(sa.text(f"create schema {AT_VIEWS}"))
    for table in served_tables():
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        # A column's type may have been another when the row was replaced.
        kept = ", ".join(
            f'cast("{column.name}" as {POSTGRES[column.type].compile(connection.dialect)})' for column in table.columns
        )
        connection.execute(
            sa.text(
                f'create view {AT_VIEWS}."{table.name}" ({names}, from_release, to_release) as'
                f' select {names}, from_release, cast(null as bigint) from {schema}."{table.name}"'
                f' union all select {kept}, from_release, to_release from {HISTORY}."{table.name}"'
            )
        )


def _comment(connection: sa.Connection, what: str, text: str) -> None:
    quoted = text.replace("'", "''").replace(":", "\\:")
    connection.execute(sa.text(f"comment on {what} is '{quoted}'"))
