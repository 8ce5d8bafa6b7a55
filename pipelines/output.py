"""Query results on standard output: a table for eyes, CSV, JSON or Parquet for programs."""

from __future__ import annotations

import io
import sys
from enum import StrEnum
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    import duckdb
    import polars as pl

ROWS_SHOWN = 200  # a terminal is no place for more


class Format(StrEnum):
    """How a result is written."""

    table = "table"
    csv = "csv"
    json = "json"
    parquet = "parquet"


def write(result: duckdb.DuckDBPyRelation, form: Format) -> None:
    """Write the rows: CSV with nulls empty, booleans true/false, lists as JSON; money as decimal text in JSON."""
    import polars as pl

    frame = result.pl()
    if form is Format.table:
        _table(frame)
        return
    buffer = io.BytesIO()
    if form is Format.csv:
        _flat(frame).write_csv(buffer, datetime_format="%Y-%m-%dT%H:%M:%S%.f")
    elif form is Format.json:
        exact = frame.with_columns(pl.col(pl.Decimal).cast(pl.String), pl.col(pl.Datetime).dt.to_string("iso:strict"))
        exact.write_json(buffer)
        buffer.write(b"\n")
    else:
        frame.write_parquet(buffer)
    sys.stdout.buffer.write(buffer.getvalue())
    sys.stdout.buffer.flush()


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists and structs as JSON text, because CSV has neither."""
    import polars as pl

    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    wrapped = (
        pl.when(pl.col(name).is_not_null())
        .then(pl.struct(pl.col(name).alias("v")).struct.json_encode().str.slice(5).str.head(-1))
        .alias(name)
        for name in nested
    )
    return frame.with_columns(wrapped)


def _table(frame: pl.DataFrame) -> None:
    table = Table()
    for name, kind in frame.schema.items():
        table.add_column(name, justify="right" if kind.is_numeric() else "left", overflow="fold")
    for row in frame.head(ROWS_SHOWN).rows():
        table.add_row(*("" if value is None else escape(str(value)) for value in row))
    console = Console()
    console.print(table)
    if frame.height > ROWS_SHOWN:
        console.print(f"{ROWS_SHOWN} of {frame.height} rows; --format csv gives all of them.")
