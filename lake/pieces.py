"""The rows of a version, and what differs between two, in pieces that fit in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from contracts.base import Table
from lake import delta

PIECE_ROWS = 250_000  # a piece is a partition or more, so it can be larger


@dataclass(frozen=True)
class Difference:
    """Rows of one version only; both frames have the table's columns."""

    gone: pl.DataFrame  # of the version before
    come: pl.DataFrame  # of the version after
    compared: int  # rows after that were looked at


def rows(root: str, table: Table, version: int) -> Iterator[pl.DataFrame]:
    """All rows of a version."""
    counts = _row_counts(root, table, version)
    together: list[str] = []
    for path in delta.files(root, table, version):
        if together and sum(counts[each] for each in together) + counts[path] > PIECE_ROWS:
            yield delta.scan_files(table, together).collect()
            together = []
        together.append(path)
    if together:
        yield delta.scan_files(table, together).collect()


def differences(root: str, table: Table, before: int, after: int) -> Iterator[Difference]:
    """What differs, from the files only one of the versions has.

    A row that moved to another partition can be gone in one piece and come in another.
    """
    counts = _row_counts(root, table, before) | _row_counts(root, table, after)
    old, new = set(delta.files(root, table, before)), set(delta.files(root, table, after))
    by_day: dict[date | None, tuple[list[str], list[str]]] = {}
    for side, paths in enumerate((old - new, new - old)):
        for path in sorted(paths):
            day = delta.partition_of(path, table) if table.partition else None
            by_day.setdefault(day, ([], []))[side].append(path)
    gone: list[str] = []
    come: list[str] = []
    for more_gone, more_come in by_day.values():
        if (gone or come) and sum(counts[path] for path in (*gone, *come, *more_gone, *more_come)) > PIECE_ROWS:
            yield _difference(table, gone, come)
            gone, come = [], []
        gone, come = [*gone, *more_gone], [*come, *more_come]
    if gone or come:
        yield _difference(table, gone, come)


def _difference(table: Table, old: Sequence[str], new: Sequence[str]) -> Difference:
    before, after = (delta.scan_files(table, paths).collect() for paths in (old, new))
    if before.is_empty() or after.is_empty():
        return Difference(before, after, after.height)
    return Difference(_without(before, after), _without(after, before), after.height)


def _without(frame: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The rows of `frame` that are not in `other`."""
    # No engine joins on lists; a text that no other list of texts gives does as well.
    ended = pl.element() + "\x00"
    lists = [pl.col(name).list.eval(ended).list.join("") for name, kind in frame.schema.items() if kind.is_nested()]
    numbered = frame.with_columns(lists).with_row_index("_place")
    kept = numbered.join(other.with_columns(lists), on=frame.columns, how="anti", nulls_equal=True)
    return frame[kept["_place"]]


def _row_counts(root: str, table: Table, version: int) -> dict[str, int]:
    found = delta.statistics(root, table, version)
    return dict(zip(found["path"], found["num_records"], strict=True))
