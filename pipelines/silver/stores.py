"""stores: the latest good row of each store."""

import polars as pl

from contracts.sources.stores import SOURCE
from pipelines.silver.references import Parents, judge_references
from pipelines.silver.winner import Verdict, latest_per_key


def decide(rows: pl.DataFrame, parents: Parents) -> Verdict:
    """One current row per store."""
    return latest_per_key(judge_references(rows, SOURCE, parents), SOURCE)
