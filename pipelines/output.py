"""Query results on standard output: a table for eyes, CSV, JSON or Parquet for programs."""

from __future__ import annotations

import io
import sys
from enum import StrEnum
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

if TYPE_CHECKING:
    import duckdb
    import polars as pl

ROWS_SHOWN = 200  # a terminal is no place for more
_NO_LIMIT = 1_000_000  # cells of a terminal


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
    """A table where it fits whole, else a block of lines for each row: no value is folded or cut."""
    console = Console(highlight=False)
    rows = [
        ["" if value is None else str(value).expandtabs() for value in row] for row in frame.head(ROWS_SHOWN).rows()
    ]
    table = Table()
    for name, kind in frame.schema.items():
        table.add_column(escape(name), justify="right" if kind.is_numeric() else "left", no_wrap=True)
    for row in rows:
        table.add_row(*map(escape, row))
    width = Measurement.get(console, console.options.update(max_width=_NO_LIMIT), table).maximum
    if console.is_terminal and width > console.width:
        _blocks(console, frame.columns, rows)
    else:
        console.width = max(width, console.width)
        console.print(table)
    if frame.height > ROWS_SHOWN:
        console.print(f"{ROWS_SHOWN} of {frame.height} rows; --format csv gives all of them.", soft_wrap=True)


def _blocks(console: Console, names: list[str], rows: list[list[str]]) -> None:
    """`column  value` lines, a blank line between rows; what is longer than a line the terminal wraps itself."""
    indent = max(map(cell_len, names)) + 2
    block = "\n".join(
        "".join(
            f"{set_cell_size(name, indent)}{value.replace(chr(10), chr(10) + ' ' * indent)}".rstrip() + "\n"
            for name, value in zip(names, row, strict=True)
        )
        for row in rows
    )
    console.print(block, markup=False, soft_wrap=True, end="")
