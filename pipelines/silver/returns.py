"""returns: the latest good row of each return, and never more than was sold."""

from collections.abc import Iterator

import polars as pl

from contracts.sources.returns import SOURCE
from pipelines.silver.judge import DELETED, REASONS
from pipelines.silver.references import Parents, judge_references
from pipelines.silver.winner import ORDER, Verdict, latest_per_key

EXCEEDS_SOLD = "quantity:exceeds_sold"
LINE = ("order_id", "line_number")


def decide(rows: pl.DataFrame, parents: Parents) -> Verdict:
    """One current row per return. Good rows up to a return's last tombstone are superseded."""
    judged = judge_references(rows, SOURCE, parents).with_row_index("__row")
    sold = parents.current["order_items"].select(*LINE, pl.col("quantity").alias("__sold"))
    too_many = _rows_above_sold(_after_last_tombstone(judged), sold)
    reason = pl.lit([EXCEEDS_SOLD], pl.List(pl.String))
    judged = judged.with_columns(
        pl.when(pl.col("__row").is_in(too_many.implode())).then(reason).otherwise(REASONS).alias(REASONS)
    ).drop("__row")
    verdict = latest_per_key(judged, SOURCE)
    return verdict.with_kept(verdict.kept.with_columns(return_date=pl.col("returned_at").dt.date()))


def _after_last_tombstone(judged: pl.DataFrame) -> pl.DataFrame:
    """The good rows whose quantity can count, in the order of which row wins."""
    good = judged.filter(pl.col(REASONS).list.len() == 0).sort(*ORDER)
    tombstones_to_come = pl.col(DELETED).cast(pl.Int64).reverse().cum_sum().reverse().over("return_id")
    return good.filter(tombstones_to_come == 0)


def _rows_above_sold(good: pl.DataFrame, sold: pl.DataFrame) -> pl.Series:
    """`__row` of the rows that take their line above what was sold, judged one after the other.

    A line whose returns cannot exceed it in any order needs no judging: that is nearly all of them.
    """
    most = good.group_by(*LINE, "return_id").agg(pl.col("quantity").max()).group_by(*LINE).agg(pl.col("quantity").sum())
    contested = most.join(sold, on=LINE, how="inner").filter(pl.col("quantity") > pl.col("__sold"))
    involved = good.join(contested, on=LINE, how="semi").select("return_id").unique()
    rows = (
        good.join(involved, on="return_id", how="semi", maintain_order="left")
        .join(contested.select(*LINE, "__sold"), on=LINE, how="left", maintain_order="left")
        .select("__row", "return_id", *LINE, "quantity", "__sold")
    )
    return pl.Series("__row", list(_refused(rows)), dtype=pl.UInt32)


def _refused(rows: pl.DataFrame) -> Iterator[int]:
    """Rows of contested lines only, each judged given those before it: there is no closed form for that."""
    returned: dict[tuple[str, int], int] = {}  # units so far, by line
    standing: dict[str, tuple[tuple[str, int], int]] = {}  # a return's line and units in force
    for row, return_id, order_id, line_number, quantity, sold in rows.iter_rows():
        line = (order_id, line_number)
        old_line, old_units = standing.get(return_id, (line, 0))
        own = old_units if old_line == line else 0
        if sold is not None and returned.get(line, 0) - own + quantity > sold:
            yield row
            continue
        returned[old_line] = returned.get(old_line, 0) - old_units
        returned[line] = returned.get(line, 0) + quantity
        standing[return_id] = (line, quantity)
