"""Served tables compared with gold, row for row: Postgres streams a table once, DuckDB counts it against the lake's."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.csv
import sqlalchemy as sa

from contracts.base import Table
from lake import spill
from serving.ddl import VIEWS, quoted

MEMORY = "1GB"  # beyond it DuckDB works on disk
_BLOCK = 8 * 2**20
_ARROW = {
    "text": pa.string(),
    "int": pa.int64(),
    "money": pa.decimal128(18, 4),
    "difference": pa.decimal128(38, 10),
    "ratio": pa.float64(),
    "ts": pa.timestamp("us"),
    "date": pa.date32(),
    "bool": pa.bool_(),
    "texts": pa.string(),  # as JSON on the way
}


@contextmanager
def workshop() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of bounded memory."""
    with spill.connect(MEMORY) as con:
        con.execute("set timezone = 'UTC'")
        yield con


def compare(con: duckdb.DuckDBPyConnection, database: sa.Connection, table: Table, lake_rows: str) -> int:
    """Make `differing` of the rows that differ and return how many; `lake_rows` is the SELECT over the lake's.

    `differing` has the table's columns and `side`: 1 a row that Postgres lacks, -1 one that it has too many.
    """
    names = quoted(table.names)
    con.execute("drop table if exists differing")
    with _streamed(database, table) as reader:
        con.register("served", reader)
        con.execute(
            f"create table differing as select {names}, sum(side) as side from ("
            f" select {names}, 1 as side from ({lake_rows}) union all select {_typed(table)}, -1 from served"
            ") group by all having sum(side) <> 0"
        )
        con.unregister("served")
    [(count,)] = con.sql("select count(*) from differing").fetchall()
    return int(count)


def read(database: sa.Connection, table: Table) -> pl.DataFrame:
    """The served rows, for a table that only Postgres still holds whole."""
    with _streamed(database, table) as reader:
        rows = pl.DataFrame(reader.read_all())
    lists = [column.name for column in table.columns if column.type == "texts"]
    return rows.with_columns(pl.col(name).str.json_decode(pl.List(pl.String)) for name in lists).select(
        pl.col(name).cast(kind) for name, kind in table.polars_schema().items()
    )


def _typed(table: Table) -> str:
    return ", ".join(
        f'from_json("{column.name}", \'["VARCHAR"]\')' if column.type == "texts" else f'"{column.name}"'
        for column in table.columns
    )


@contextmanager
def _streamed(database: sa.Connection, table: Table) -> Iterator[pa.RecordBatchReader]:
    """The served rows, batch by batch, while Postgres still sends them."""
    wanted = ", ".join(
        f'array_to_json("{column.name}") as "{column.name}"' if column.type == "texts" else f'"{column.name}"'
        for column in table.columns
    )
    # Text is quoted, so that a null and a text that spells one differ.
    texts = quoted(column.name for column in table.columns if column.type == "text")
    force = f", force_quote ({texts})" if texts else ""
    query = (
        f"copy (select {wanted} from {VIEWS}.\"{table.name}\") to stdout with (format csv, header, null '\\N'{force})"
    )
    reading, writing = os.pipe()
    cursor = database.connection.cursor()

    def send() -> None:
        with os.fdopen(writing, "wb") as out:
            cursor.copy_expert(query, out)

    with ThreadPoolExecutor(1) as pool, os.fdopen(reading, "rb") as incoming:
        sent = pool.submit(send)
        yield pa.csv.open_csv(incoming, *_how(table))
        incoming.close()  # what is not read would wait for ever
        sent.result()


def _how(table: Table) -> tuple[pa.csv.ReadOptions, pa.csv.ParseOptions, pa.csv.ConvertOptions]:
    return (
        pa.csv.ReadOptions(block_size=_BLOCK, use_threads=False),
        pa.csv.ParseOptions(newlines_in_values=True),
        pa.csv.ConvertOptions(
            column_types={column.name: _ARROW[column.type] for column in table.columns},
            null_values=["\\N"],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )


def columns(database: sa.Connection) -> dict[str, set[str]]:
    """The columns that readers find, by table."""
    rows = database.execute(
        sa.text("select table_name, column_name from information_schema.columns where table_schema = :views"),
        {"views": VIEWS},
    )
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    return found
