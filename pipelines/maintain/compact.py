"""Many small files of a table as few: the same rows, in order of its key, as a new version."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from contracts.base import Table
from contracts.errors import LakeUnavailable
from contracts.registry import lake_tables
from lake import delta, lookup

SMALL = 8 * 2**20  # bytes: a file that costs more to open than to read
WORTH = 8  # small files in one place that are worth a release
MOST = 256 * 2**20  # bytes of one place, which is held in memory


@dataclass(frozen=True)
class Worn:
    """A table with places (its date partitions, or the one that it is without) of many small files."""

    table: Table
    days: tuple[date, ...] | None  # None for a table without partitions
    files: int


def find(root: str, versions: dict[str, int]) -> list[Worn]:
    """The tables worth it, at the named versions."""
    found = (_worn(root, table, versions[name]) for name, table in lake_tables().items() if name in versions)
    return [worn for worn in found if worn is not None]


def compact(root: str, versions: dict[str, int]) -> list[Worn]:
    """Rewrite what is worth it and put the new versions into `versions`; returns what was rewritten.

    Raises LakeUnavailable where a row went missing on the way; the version that lacks it is released nowhere.
    """
    worn = find(root, versions)
    for each in worn:
        table, base = each.table, versions[each.table.full_name]
        rows = delta.read(root, table, base) if each.days is None else lookup.rows_on(root, table, base, each.days)
        in_order = rows.sort(table.order)
        version = delta.overwrite(root, table, in_order, base, each.days)
        before, after = lookup.row_count(root, table, base), lookup.row_count(root, table, version)
        if before != after:
            raise LakeUnavailable(
                f"Compacting {table.full_name} gave {after} rows of {before}. Nothing was published; the next run puts "
                "the table back."
            )
        versions[table.full_name] = version
    return worn


def _worn(root: str, table: Table, version: int) -> Worn | None:
    files = delta.statistics(root, table, version)
    if files.is_empty():
        return None
    place = pl.lit(None, pl.String)
    if table.partition:
        place = pl.col("path").str.extract(rf"/{table.partition}=(\d{{4}}-\d{{2}}-\d{{2}})/")
    places = files.group_by(place.alias("place")).agg(
        files=pl.len(), small=(pl.col("size_bytes") < SMALL).sum(), bytes=pl.col("size_bytes").sum()
    )
    worth = places.filter((pl.col("small") >= WORTH) & (pl.col("bytes") <= MOST)).sort("place")
    if worth.is_empty():
        return None
    days = tuple(date.fromisoformat(day) for day in worth["place"]) if table.partition else None
    return Worn(table, days, int(worth["files"].sum()))
