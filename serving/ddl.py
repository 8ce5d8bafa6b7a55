"""The served schema, from the contracts: tables, keys, indexes, comments, and the views readers use.

Tables lie in `serving_v<N>`, where a changed contract makes a new N; `serving` holds views over them.
Each table has one column its view hides: `from_release`, the release that wrote the row.
"""

import hashlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from contracts.base import Column, Table
from contracts.registry import tables

HISTORY = "serving_history"
VIEWS = "serving"
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


def metadata(schema: str) -> sa.MetaData:
    """The tables behind the views, with keys, foreign keys and indexes."""
    data = sa.MetaData(schema=schema)
    served = {table.name: table for table in served_tables()}
    for table in served.values():
        definition = sa.Table(
            table.name,
            data,
            *(_column(column) for column in table.columns),
            sa.Column("from_release", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint(*table.key),
            comment=table.grain,
        )
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


def migrate(connection: sa.Connection) -> tuple[str, bool]:
    """The schema that holds the tables of the current contracts, and whether it is new and empty.

    Inside the publishing transaction: readers see the old views until it commits.
    """
    row = connection.execute(
        sa.text("select version, fingerprint from lakehouse.serving_version order by version desc limit 1")
    ).one_or_none()
    if row is not None and row.fingerprint == fingerprint():
        return f"serving_v{row.version}", False
    version = 1 if row is None else row.version + 1
    schema = f"serving_v{version}"
    connection.execute(sa.text("set local lock_timeout = '10s'"))
    connection.execute(sa.text(f"create schema {schema}"))
    metadata(schema).create_all(connection)
    _make_history(connection)
    _make_views(connection, schema)
    if row is not None:
        connection.execute(sa.text(f"drop schema serving_v{row.version} cascade"))
    connection.execute(
        sa.text("insert into lakehouse.serving_version values (:version, :fingerprint)"),
        {"version": version, "fingerprint": fingerprint()},
    )
    return schema, True


def _make_history(connection: sa.Connection) -> None:
    """Replaced rows, with the releases they were true for; a table that is there gets the columns it lacks."""
    connection.execute(sa.text(f"create schema if not exists {HISTORY}"))
    dialect = connection.dialect
    for table in served_tables():
        releases = "from_release bigint not null, to_release bigint not null"
        connection.execute(sa.text(f'create table if not exists {HISTORY}."{table.name}" ({releases})'))
        for column in table.columns:
            kind = POSTGRES[column.type].compile(dialect)
            connection.execute(
                sa.text(f'alter table {HISTORY}."{table.name}" add column if not exists "{column.name}" {kind}')
            )


def _make_views(connection: sa.Connection, schema: str) -> None:
    connection.execute(sa.text(f"drop schema if exists {VIEWS} cascade"))
    connection.execute(sa.text(f"create schema {VIEWS}"))
    for table in served_tables():
        names = ", ".join(f'"{name}"' for name in table.names)
        connection.execute(
            sa.text(f'create view {VIEWS}."{table.name}" as select {names} from {schema}."{table.name}"')
        )
        _comment(connection, f'view {VIEWS}."{table.name}"', table.grain)
        for column in table.columns:
            _comment(connection, f'column {VIEWS}."{table.name}"."{column.name}"', column.meaning)
    connection.execute(
        sa.text(f"create view {VIEWS}.revenue_orders as select * from {VIEWS}.fct_orders where is_revenue")
    )
    _comment(connection, f"view {VIEWS}.revenue_orders", "The orders that bear revenue.")
    connection.execute(
        sa.text(
            f"create view {VIEWS}.publication as select release_id, run_id, as_of, created_at as published_at"
            " from lakehouse.releases order by release_id desc limit 1"
        )
    )
    _comment(connection, f"view {VIEWS}.publication", "The release that all of `serving` shows.")


def _comment(connection: sa.Connection, what: str, text: str) -> None:
    quoted = text.replace("'", "''").replace(":", "\\:")
    connection.execute(sa.text(f"comment on {what} is '{quoted}'"))
