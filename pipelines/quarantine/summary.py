"""Quarantined rows counted: by source and reason, and all of them once."""

from decimal import Decimal

import polars as pl


def by_reason(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per source and reason: `rows`, `money_at_risk` (null but for order lines), the `first` place.

    A row with several reasons counts at each.
    """
    return (
        rows.with_row_index("__order")
        .explode("reasons", empty_as_null=False, keep_nulls=False)
        .sort("__order")
        .group_by("source", pl.col("reasons").alias("reason"))
        .agg(pl.len().cast(pl.Int64).alias("rows"), _money(), pl.col("place").first().alias("first"))
        .with_columns(pl.when(pl.col("source") == "order_items").then("money_at_risk").alias("money_at_risk"))
        .sort("rows", "source", "reason", descending=[True, False, False])
    )


def totals(rows: pl.DataFrame) -> str:
    """`12 rows, 1234.5000 at risk`: each row once, however many reasons it has."""
    money: Decimal = rows.select(_money()).item()
    return f"{rows.height:,} row{'' if rows.height == 1 else 's'}, {money} at risk"


def _money() -> pl.Expr:
    return pl.col("money_at_risk").sum().cast(pl.Decimal(38, 4))
