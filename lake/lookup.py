"""Rows of a version by the values of one text column, reading only files that can hold them."""

from collections.abc import Collection
from datetime import date

import duckdb
import polars as pl

from contracts.base import Table
from lake import delta
from lake.connection import select_files

# Writers may cut longer texts in a file's statistics, so that its bounds are no bounds.
_WHOLE_TEXT = 32


def rows_with(
    con: duckdb.DuckDBPyConnection, root: str, table: Table, version: int, column: str, values: pl.Series
) -> pl.DataFrame:
    """The rows whose `column`, a text, is one of `values`; in contract order of columns, in no order of rows.

    `con` is any connection; keeping one saves the 20 ms that opening it takes.
    """
    wanted = values.drop_nulls().unique()
    paths = [] if wanted.is_empty() else _files_between(root, table, version, column, wanted)
    if not paths:
        return table.empty()
    con.register("wanted", wanted.alias("value").to_frame().to_arrow())
    found: pl.DataFrame = con.sql(f"from ({select_files(table, paths)}) semi join wanted on value = {column}").pl()
    con.unregister("wanted")
    return found.select(pl.col(name).cast(kind) for name, kind in table.polars_schema().items())


def rows_on(root: str, table: Table, version: int, days: Collection[date]) -> pl.DataFrame:
    """The rows of some date partitions."""
    return delta.scan(root, table, version).filter(pl.col(str(table.partition)).is_in(list(days))).collect()


def row_count(root: str, table: Table, version: int) -> int:
    """Rows of a version, from its log alone."""
    return int(delta.statistics(root, table, version)["num_records"].sum())


def _files_between(root: str, table: Table, version: int, column: str, wanted: pl.Series) -> list[str]:
    statistics = delta.statistics(root, table, version)
    low, high = pl.col(f"min.{column}"), pl.col(f"max.{column}")
    if not {f"min.{column}", f"max.{column}"} <= set(statistics.columns):
        return delta.files(root, table, version)
    outside = (high.str.len_bytes() < _WHOLE_TEXT) & ((low > wanted.max()) | (high < wanted.min()))
    return statistics.filter(~outside.fill_null(value=False))["path"].sort().to_list()
