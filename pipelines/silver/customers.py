"""customers: the latest good row of each customer."""

import polars as pl

from contracts.sources.customers import SOURCE
from pipelines.silver.references import Parents, judge_references
from pipelines.silver.winner import Verdict, latest_per_key


def decide(rows: pl.DataFrame, parents: Parents) -> Verdict:
    """One current row per customer."""
    return latest_per_key(judge_references(rows, SOURCE, parents), SOURCE)
