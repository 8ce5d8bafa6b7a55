"""What a table is: columns, types, key, rules. Everything else is derived from these.

A column is written `name` or `name?` (nullable). Its type and meaning stand once, in
`contracts/columns.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import polars as pl

from contracts.columns import COLUMNS, PERSONAL
from contracts.settings import Settings

if TYPE_CHECKING:
    import pandera.polars as pa

Layer = Literal["bronze", "silver", "gold", "quality"]
# What tells which rows of a gold table a landing can have changed: its order, its date, its product's stock.
# A log keeps its rows; each release adds those its SELECT gives.
Scope = Literal["whole", "orders", "days", "stock", "log"]

# One row per type of the data model: how each engine spells it.
POLARS: dict[str, pl.DataType] = {
    "text": pl.String(),
    "int": pl.Int64(),
    "money": pl.Decimal(18, 4),
    "difference": pl.Decimal(38, 10),
    "ratio": pl.Float64(),
    "ts": pl.Datetime("us"),
    "date": pl.Date(),
    "bool": pl.Boolean(),
    "texts": pl.List(pl.String()),
}
DUCKDB = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "money": "DECIMAL(18,4)",
    "difference": "DECIMAL(38,10)",
    "ratio": "DOUBLE",
    "ts": "TIMESTAMP",
    "date": "DATE",
    "bool": "BOOLEAN",
    "texts": "VARCHAR[]",
}


@dataclass(frozen=True)
class Column:
    """A column as one table holds it."""

    name: str
    type: str
    nullable: bool
    meaning: str
    personal: bool = False  # can it tell who somebody is?


def columns_of(*written: str, **meanings: str) -> tuple[Column, ...]:
    """`columns_of("order_id", "customer_id?", quantity="...")` as columns.

    Type and meaning come from the dictionary; a keyword narrows the meaning for one table.
    """
    columns = []
    for text in written:
        name = text.removesuffix("?")
        kind, meaning = COLUMNS[name]
        columns.append(Column(name, kind, text.endswith("?"), meanings.pop(name, meaning), name in PERSONAL))
    if meanings:
        raise LookupError(f"a meaning is given for {sorted(meanings)}, which are no columns of this table")
    return tuple(columns)


@dataclass(frozen=True)
class Reference:
    """A foreign key: `columns` name a row of `table`, where they are not null."""

    columns: tuple[str, ...]
    table: str
    once_landed: bool = False  # judged only once any row of the parent has landed


@dataclass(frozen=True)
class Table:
    """A table of the lake. `layer` and `name` come from where its file lies."""

    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    partition: str | None = None
    references: tuple[Reference, ...] = ()
    scope: Scope = "whole"  # what of it a run computes again
    served: bool = True  # published to Postgres; false where the lake alone keeps it
    layer: Layer = "gold"
    name: str = ""

    def bound(self, layer: Layer, name: str) -> "Table":
        """The same table with its place."""
        return replace(self, layer=layer, name=name)

    @property
    def full_name(self) -> str:
        """`gold.fct_orders`."""
        return f"{self.layer}.{self.name}"

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that its rows are written in the order of: the partition, and the key within it."""
        return (*([self.partition] if self.partition else []), *self.key)

    def polars_schema(self) -> dict[str, pl.DataType]:
        """Column name to polars type, in order."""
        return {column.name: POLARS[column.type] for column in self.columns}

    def duckdb_types(self) -> dict[str, str]:
        """Column name to DuckDB type, in order."""
        return {column.name: DUCKDB[column.type] for column in self.columns}

    def empty(self) -> pl.DataFrame:
        """The table without a row."""
        return pl.DataFrame(schema=self.polars_schema())

    def pandera_schema(self) -> "pa.DataFrameSchema":
        """Types, nulls and the key, to validate a collected frame with (never a LazyFrame: it skips data)."""
        import pandera.polars as pa  # half a second that a query need not wait for

        return pa.DataFrameSchema(
            {column.name: pa.Column(POLARS[column.type], nullable=column.nullable) for column in self.columns},
            unique=list(self.key),
            strict=True,
            name=self.full_name,
        )


@dataclass(frozen=True)
class Field:
    """A declared column of a landed file."""

    written: str
    enum: tuple[str, ...] = ()
    at_least: int | None = None
    default: int | None = None

    @property
    def column(self) -> Column:
        """The column it becomes once it is typed."""
        column = columns_of(self.written)[0]
        return replace(column, nullable=column.nullable and self.default is None)

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name

    @property
    def required(self) -> bool:
        """Must the file have it?"""
        return not self.column.nullable and self.default is None


@dataclass(frozen=True)
class Rule:
    """A row rule over several columns. `violated` is true where the row breaks it.

    It sees the typed columns (null where absent or bad) and `<name>__text` (the text as it came,
    null where blank). Null counts as not violated.
    """

    code: str  # <column>:<rule>
    meaning: str
    violated: Callable[[Settings], pl.Expr]


@dataclass(frozen=True)
class Source:
    """What a shop drops in: the contract of a landed file and of its bronze table."""

    grain: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    references: tuple[Reference, ...] = ()  # judged once the row is good by itself
    tells: tuple[str, ...] = ()  # silver columns, beyond the key, that rows referring to it are judged or dated by
    optional: bool = False
    name: str = ""

    def bound(self, name: str) -> "Source":
        """The same source with its name."""
        return replace(self, name=name)

    @property
    def names(self) -> tuple[str, ...]:
        """The declared columns in order."""
        return tuple(declared.name for declared in self.fields)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The declared columns as a typed table holds them."""
        return tuple(declared.column for declared in self.fields)

    @property
    def table(self) -> Table:
        """The bronze table: every declared column as text, and where each row came from."""
        declared = tuple(replace(column, type="text", nullable=True) for column in self.columns)
        return Table(
            grain=self.grain,
            columns=declared + BOOKKEEPING,
            key=("landing_date", "source_file", "row_number"),
            partition="landing_date",
            served=False,
        ).bound("bronze", self.name)


# What bronze adds to the declared columns.
BOOKKEEPING = columns_of(
    "extra?",
    "landing_date",
    "ingested_at?",
    "source_file",
    "row_number",
    "row_hash",
    "file_hash",
    "run_id",
)
# Where a silver row came from, and what decides which row of a key wins.
PROVENANCE = columns_of("landing_date", "ingested_at", "source_file", "row_number", "row_hash")
