"""orders: the latest good row of each order, by the day it was placed."""

import polars as pl

from contracts.sources.orders import SOURCE
from pipelines.silver.references import Parents, judge_references
from pipelines.silver.winner import Verdict, latest_per_key


def decide(rows: pl.DataFrame, parents: Parents) -> Verdict:
    """One current row per order."""
    verdict = latest_per_key(judge_references(rows, SOURCE, parents), SOURCE)
    return verdict.with_kept(verdict.kept.with_columns(order_date=pl.col("created_at").dt.date()))
