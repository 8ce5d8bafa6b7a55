"""What comes back: lines whole and in part, in time and too late, by return rows or by status alone."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.generate.baskets import Baskets
from pipelines.generate.inventory import Stock, movements
from pipelines.generate.orders import Timeline
from pipelines.generate.season import DAY, Day
from pipelines.generate.shop import Shop
from pipelines.generate.streams import Floats, Ints, Purpose, stream
from pipelines.generate.words import CATEGORIES, RETURN_REASONS
from pipelines.generate.write import NEVER, moment, numbered

BY_STATUS = 0.010  # share of delivered orders returned by status alone
SENT_BACK = 0.5  # share of lost parcels that come back to the shop
TOO_LATE = 0.07  # share of returns after the refund window
SAID_BY_STATUS_TOO = 0.5  # share of orders returned whole by rows whose status says so as well
UNSELLABLE = 0.15
RESENT = 0.05
PLAN = {
    "order": pl.Int64,
    "line": pl.Int64,
    "product": pl.Int64,
    "quantity": pl.Int64,
    "at": pl.Int64,
    "by_row": pl.Boolean,
    "reason": pl.Int64,
    "sellable": pl.Boolean,
}


def _days_after(rng: np.random.Generator, size: int) -> Floats:
    in_time = 0.5 + rng.gamma(2.2, 4.5, size)
    return np.where(rng.random(size) < TOO_LATE, rng.uniform(30.5, 70.0, size), in_time)


def plan_returns(
    shop: Shop, day: Day, baskets: Baskets, timeline: Timeline, first_order: int
) -> tuple[Ints, pl.DataFrame]:
    """`returned_at` of each order (NEVER without one) and the parcels that will come back."""
    rng = stream(shop.seed, day.number, Purpose.RETURNS)
    fulfilled, delivered = timeline.fulfilled, timeline.delivered
    orders, order = len(delivered), baskets.order
    share = np.array([category.return_share for category in CATEGORIES])
    arrived = delivered < NEVER
    wait = _days_after(rng, orders)
    by_status = arrived & (rng.random(orders) < BY_STATUS)
    lost = ~arrived & (fulfilled < NEVER) & (rng.random(orders) < SENT_BACK)
    returned = np.full(orders, NEVER, dtype=np.int64)
    returned[by_status] = delivered[by_status] + (wait[by_status] * DAY).astype(np.int64)
    returned[lost] = fulfilled[lost] + ((8.0 + wait[lost]) * DAY).astype(np.int64)
    whole = (returned < NEVER)[order]

    chance = share[shop.catalogue.category[baskets.product]]
    chosen = np.flatnonzero(arrived[order] & ~whole & (rng.random(len(order)) < chance))
    sold, of = baskets.quantity[chosen], order[chosen]
    part = np.where((sold > 1) & (rng.random(len(chosen)) < 0.5), rng.integers(1, np.maximum(sold, 2)), sold)
    at = delivered[of] + (_days_after(rng, len(chosen)) * DAY).astype(np.int64)
    # Of a line returned in part the rest follows in two cases of five.
    follows = (part < sold) & (rng.random(len(chosen)) < 0.4)
    later = at[follows] + rng.integers(DAY, 6 * DAY, int(follows.sum()))

    line = np.concatenate([chosen, chosen[follows], np.flatnonzero(whole)])
    quantity = np.concatenate([part, (sold - part)[follows], baskets.quantity[whole]])
    at = np.concatenate([at, later, returned[order[whole]]])
    by_row = np.arange(len(line)) < len(chosen) + len(later)

    back = np.bincount(order[line[by_row]], quantity[by_row], orders)
    all_back = (back == np.bincount(order, baskets.quantity, orders)) & (rng.random(orders) < SAID_BY_STATUS_TOO)
    last = np.zeros(orders, dtype=np.int64)
    np.maximum.at(last, order[line[by_row]], at[by_row])
    returned = np.where(all_back & (returned == NEVER), last, returned)
    plan = pl.DataFrame(
        {
            "order": first_order + order[line],
            "line": baskets.line[line],
            "product": baskets.product[line],
            "quantity": quantity,
            "at": at,
            "by_row": by_row,
            "reason": rng.integers(0, len(RETURN_REASONS), len(line)),
            "sellable": rng.random(len(line)) >= UNSELLABLE,
        },
        schema=PLAN,
    )
    return returned, plan


@dataclass
class Returns:
    """Parcels on their way back."""

    shop: Shop
    planned: pl.DataFrame
    again: pl.DataFrame | None = None  # rows to send again the next day
    next_return: int = 1

    @classmethod
    def none(cls, shop: Shop) -> "Returns":
        """Nothing is on its way."""
        return cls(shop, pl.DataFrame(schema=PLAN))

    def plan(self, planned: pl.DataFrame) -> None:
        """Remember the returns of new orders."""
        self.planned = pl.concat([self.planned, planned])

    def land(self, day: Day, stock: Stock) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
        """The returns rows that land on the day, and the movements of what came back."""
        due = self.planned.filter(pl.col("at") < day.end).sort("at", maintain_order=True)
        self.planned = self.planned.filter(pl.col("at") >= day.end)
        written = due.filter("by_row")
        first = self.next_return
        self.next_return += len(written)
        reasons = pl.Series(RETURN_REASONS, dtype=pl.String)
        rows = written.with_columns(number=pl.int_range(first, first + len(written), dtype=pl.Int64)).select(
            numbered("R", "number", 8).alias("return_id"),
            numbered("O", "order", 9).alias("order_id"),
            pl.col("line").alias("line_number"),
            "quantity",
            moment("at").alias("returned_at"),
            reason=reasons.gather(written["reason"]),
        )
        landed = rows if self.again is None else pl.concat([self.again, rows])
        rng = stream(self.shop.seed, day.number, Purpose.RESENDS)
        self.again = rows.filter(pl.Series(rng.random(len(rows)) < RESENT))
        return landed, self._movements(due, stock)

    def _movements(self, due: pl.DataFrame, stock: Stock) -> list[pl.DataFrame]:
        broken = due.filter(~pl.col("sellable"))
        good = due.filter("sellable")
        stock.put_back(good["product"].to_numpy(), good["quantity"].to_numpy())
        return [
            movements("return", *(due[name].to_numpy() for name in ("product", "quantity", "at", "order"))),
            movements("adjustment", broken["product"].to_numpy(), -broken["quantity"].to_numpy(),
                      broken["at"].to_numpy()),
        ]  # fmt: skip
