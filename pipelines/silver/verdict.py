"""Which row of a key wins, and where every other row goes.

Pure functions, frames to frames. A verdict holds each row it was given exactly once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from contracts.base import Source
from pipelines.silver.judge import DELETED, ORDER, REASONS


@dataclass(frozen=True)
class Verdict:
    """Every judged row of a source, in one of three places."""

    kept: pl.DataFrame  # the current truth: one row per key
    superseded: pl.DataFrame  # good rows a later one replaced, and tombstones
    rejected: pl.DataFrame  # with `__reasons`

    @property
    def rows(self) -> int:
        """Rows in all three places."""
        return self.kept.height + self.superseded.height + self.rejected.height

    def with_kept(self, kept: pl.DataFrame) -> "Verdict":
        """The same verdict with columns added to what is kept."""
        return replace(self, kept=kept)


@dataclass(frozen=True)
class Parents:
    """What references are judged against: current silver tables, and which sources have landed at all."""

    current: Mapping[str, pl.DataFrame]
    landed: frozenset[str]


def judge_references(rows: pl.DataFrame, source: Source, parents: Parents) -> pl.DataFrame:
    """Add `<column>:orphan` to good rows whose parent is not in silver. Tombstones refer to nothing."""
    good = (pl.col(REASONS).list.len() == 0) & ~pl.col(DELETED)
    orphaned: dict[tuple[str, ...], str] = {}
    for number, reference in enumerate(source.references):
        if reference.once_landed and reference.table not in parents.landed:
            continue
        flag = f"__orphan_{number}"
        columns = list(reference.columns)
        known = parents.current[reference.table].select(columns).unique().with_columns(pl.lit(value=True).alias(flag))
        rows = rows.join(known, on=columns, how="left", maintain_order="left")
        # Of a line whose order is missing already, only the order is said to be.
        told = [name for before, name in orphaned.items() if set(before) < set(columns)]
        orphan = good & pl.col(flag).is_null() & pl.all_horizontal(pl.col(columns).is_not_null())
        for name in told:
            orphan &= ~pl.col(name)
        rows = rows.with_columns(orphan.alias(flag))
        orphaned[reference.columns] = flag
    for judged, flag in orphaned.items():
        code = pl.lit([f"{judged[-1]}:orphan"], pl.List(pl.String))
        rows = rows.with_columns(
            pl.when(flag).then(pl.col(REASONS).list.concat(code)).otherwise(REASONS).alias(REASONS)
        )
    return rows.drop(orphaned.values())


def latest_per_key(judged: pl.DataFrame, source: Source) -> Verdict:
    """The latest good row of each key is current; a tombstone that wins takes its key out."""
    rejected = judged.filter(pl.col(REASONS).list.len() > 0)
    good = judged.filter(pl.col(REASONS).list.len() == 0).sort(*source.key, *ORDER)
    key = pl.struct(source.key)
    wins = key.ne_missing(key.shift(-1))
    marked = good.with_columns((wins & ~pl.col(DELETED)).alias("__wins"))
    return Verdict(
        kept=marked.filter("__wins").drop("__wins"),
        superseded=marked.filter(~pl.col("__wins")).drop("__wins"),
        rejected=rejected,
    )
