"""inventory_movements: the latest good row of each movement, by the day the stock moved."""

import polars as pl

from contracts.sources.inventory_movements import SOURCE
from pipelines.silver.references import Parents, judge_references
from pipelines.silver.winner import Verdict, latest_per_key


def decide(rows: pl.DataFrame, parents: Parents) -> Verdict:
    """One current row per movement."""
    verdict = latest_per_key(judge_references(rows, SOURCE, parents), SOURCE)
    return verdict.with_kept(verdict.kept.with_columns(movement_date=pl.col("occurred_at").dt.date()))
