"""order_items: the latest good row of each line, by the day its order was placed."""

import polars as pl

from contracts.sources.order_items import SOURCE
from pipelines.silver.references import Parents, judge_references
from pipelines.silver.winner import Verdict, latest_per_key


def decide(rows: pl.DataFrame, parents: Parents) -> Verdict:
    """One current row per order line."""
    verdict = latest_per_key(judge_references(rows, SOURCE, parents), SOURCE)
    # A line is kept only where its order is, so the join loses none.
    order_dates = parents.current["orders"].select("order_id", "order_date")
    return verdict.with_kept(verdict.kept.join(order_dates, on="order_id", how="inner"))
