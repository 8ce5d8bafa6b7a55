"""Judges good rows on what they refer to: a row whose parent is not in silver is an orphan, and waits."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from contracts.base import Source
from pipelines.silver.judge import DELETED, REASONS


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
