"""products: the latest good row of each product."""

import polars as pl

from contracts.bronze.products import SOURCE
from pipelines.silver.verdict import Parents, Verdict, judge_references, latest_per_key


def decide(rows: pl.DataFrame, parents: Parents) -> Verdict:
    """One current row per product."""
    return latest_per_key(judge_references(rows, SOURCE, parents), SOURCE)
