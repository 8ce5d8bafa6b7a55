"""The served schema, from the contracts: tables, keys, indexes, comments, and the views readers use.

Tables lie in `serving_v<N>`, where a changed contract makes a new N; `serving` holds views over them,
`serving_bi` the same views without the columns that hold personal data, and `serving_at` views over tables and
history with the releases each row is true for.
Each table has one column its view hides: `from_release`, the release that wrote the row.
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from contracts.base import Column, Table
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

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


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
    found = []
    for table in metadata(schema).sorted_tables:
        found.append(str(CreateTable(table).compile(dialect=_DIALECT)))
        found += [str(CreateIndex(index).compile(dialect=_DIALECT)) for index in sorted(table.indexes, key=_name)]
    return found


def _name(index: sa.Index) -> str:
    return str(index.name)


@lru_cache(maxsize=100)
def type_of(kind: sa.types.TypeEngine[Any]) -> str:
    """As Postgres itself spells it."""
    return str(kind.compile(_DIALECT)).lower().replace(", ", ",")


def types(columns: Iterable[Column]) -> dict[str, str]:
    """Names of columns to their types, as Postgres spells them."""
    return {column.name: type_of(POSTGRES[column.type]) for column in columns}


def quoted(names: Iterable[str]) -> str:
    """Columns as a statement lists them."""
    return ", ".join(f'"{name}"' for name in names)


def fingerprint() -> str:
    """Changes whenever the served tables do."""
    comments = [f"{table.full_name} {table.grain} {table.columns}" for table in served_tables()]
    return hashlib.sha256("\n".join(statements("serving_v0") + comments).encode()).hexdigest()[:16]
