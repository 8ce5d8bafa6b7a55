"""products: the latest good row of each product."""

import polars as pl

from contracts.sources.products import SOURCE
from pipelines.silver.references import Parents, judge_references
from pipelines.silver.winner import Verdict, latest_per_key


def decide(rows: pl.DataFrame, parents: Parents) -> Verdict:
    """One current row per product."""
    return latest_per_key(judge_references(rows, SOURCE, parents), SOURCE)
