"""Rows of a version by the values of one text column, reading only files that can hold them."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from datetime import date

import polars as pl

from contracts.base import Table
from lake import delta

# Writers may cut longer texts in a file's statistics, so that its bounds are no bounds.
_WHOLE_TEXT = 32


def rows_with(
    root: str, table: Table, version: int, column: str, values: pl.Series, columns: Sequence[str] | None = None
) -> pl.DataFrame:
    """The rows whose `column`, a text, is one of `values`, in no order; all columns as contracted, or some of them."""
    shown = table.names if columns is None else columns
    wanted = values.drop_nulls().unique()
    paths = files_with(root, table, version, column, wanted)
    if not paths:
        return table.empty().select(shown)
    found = delta.scan_files(table, paths).filter(pl.col(column).is_in(wanted.implode()))
    return found.select(shown).collect()


def rows_on(root: str, table: Table, version: int, days: Collection[date]) -> pl.DataFrame:
    """The rows of some date partitions."""
    # Of their files alone: a scan of all would look at each.
    return delta.scan_files(table, files_on(root, table, version, days)).collect()


def row_count(root: str, table: Table, version: int) -> int:
    """Rows of a version, from its log alone."""
    return int(delta.statistics(root, table, version)["num_records"].sum())


def files_on(root: str, table: Table, version: int, days: Collection[date]) -> list[str]:
    """The files of some date partitions of a version, in order."""
    by_day = delta.files_by_partition(root, table, version)
    return sorted(path for day in set(days) for path in by_day.get(day, ()))


def files_with(root: str, table: Table, version: int, column: str, values: pl.Series) -> list[str]:
    """The files of a version that can hold one of `values` in a text column, by the statistics in the log."""
    wanted = values.drop_nulls().unique().sort().to_list()
    if not wanted:
        return []
    statistics = delta.statistics(root, table, version)
    if not {f"min.{column}", f"max.{column}"} <= set(statistics.columns):
        return delta.files(root, table, version)
    bounds = statistics.select("path", f"min.{column}", f"max.{column}").sort("path")
    return [path for path, low, high in bounds.rows() if _can_hold(low, high, wanted)]


def _can_hold(low: str | None, high: str | None, wanted: list[str]) -> bool:
    if low is None or high is None or len(high.encode()) >= _WHOLE_TEXT:
        return True
    # Code points order as UTF-8 bytes do, so Python's order is the file's.
    first = bisect_left(wanted, low)
    return first < len(wanted) and wanted[first] <= high
