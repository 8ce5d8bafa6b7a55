"""The order book: each day, the orders and lines that land, as they stand at the end of the day."""

from dataclasses import dataclass, field

import polars as pl

from pipelines.generate.orders import PAYMENTS, STAMPS
from pipelines.generate.season import Day
from pipelines.generate.shop import Shop
from pipelines.generate.streams import Purpose, stream
from pipelines.generate.write import NEVER, moment, money, numbered

FIRST_STATE_TOO = 0.04  # share of new orders that land as created, and again with the day's last state
RESENT = 0.004
LATE = 0.003  # share of new orders that land a day after their lines
LINES_RESENT = 0.008
LINES_CORRECTED = 0.004


@dataclass
class OrderBook:
    """Orders that still change, and the rows that land tomorrow."""

    shop: Shop
    currency: str
    orders: list[pl.DataFrame] = field(default_factory=list)
    tomorrow: list[pl.DataFrame] = field(default_factory=list)
    lines_tomorrow: list[pl.DataFrame] = field(default_factory=list)

    def land_orders(self, day: Day, new: pl.DataFrame, last_day: int) -> pl.DataFrame:
        """The orders rows of the day: new orders, those whose state changed, some late or sent again.

        In the order of updated_at, so that within a file a newer state follows an older one.
        """
        rng = stream(self.shop.seed, day.number, Purpose.BOOK)
        open_orders = pl.concat([*self.orders, new])
        end = pl.lit(day.end)
        moved = pl.any_horizontal(pl.col("created", *STAMPS).is_between(day.start, day.end, closed="left"))
        rows = _as_of(open_orders.filter(moved), end)
        changes = pl.any_horizontal(pl.col(stamp).is_between(end, NEVER, closed="left") for stamp in STAMPS)
        self.orders = [open_orders.filter(changes)]

        started = new.filter(pl.any_horizontal(pl.col(stamp) < end for stamp in STAMPS))
        started = started.filter(pl.Series(rng.random(len(started)) < FIRST_STATE_TOO))
        on_time = pl.lit(True)
        if day.number < last_day:
            late = new["order"].filter(pl.Series(rng.random(len(new)) < LATE))
            on_time = ~pl.col("order").is_in(late.implode())
        first_states = _as_of(started, pl.col("created") + 1).filter(on_time)
        again = rows.filter(pl.Series(rng.random(len(rows)) < RESENT) | ~on_time)
        landing = pl.concat([*self.tomorrow, first_states, rows.filter(on_time)])
        self.tomorrow = [again]
        return self._order_text(landing.sort("updated", "order", maintain_order=True))

    def land_lines(self, day: Day, lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The order_items rows of new orders, and those of earlier ones sent again or corrected."""
        rng = stream(self.shop.seed, day.number, Purpose.LINES)
        fresh = self._line_text(lines)
        draw = pl.Series(rng.random(len(lines)))
        corrected = lines.filter((draw >= LINES_RESENT) & (draw < LINES_RESENT + LINES_CORRECTED))
        gross = pl.col("quantity") * pl.col("price")
        allowed = pl.min_horizontal(pl.col("discount") + gross // 20, gross - pl.col("tax"))
        again = self.lines_tomorrow
        self.lines_tomorrow = [
            fresh.filter(draw < LINES_RESENT),
            self._line_text(corrected.with_columns(discount=allowed)),
        ]
        return fresh, pl.concat([fresh.clear(), *again])

    def send_lines_again(self, rows: pl.DataFrame) -> None:
        """Land these order_items rows tomorrow."""
        self.lines_tomorrow.append(rows)

    def _order_text(self, rows: pl.DataFrame) -> pl.DataFrame:
        stores = self.shop.stores.frame["store_id"]
        return rows.select(
            numbered("O", "order", 9).alias("order_id"),
            numbered("C", "customer", 8).alias("customer_id"),
            stores.gather(rows["store"].replace(-1, None)).alias("store_id"),
            "status",
            moment("created").alias("created_at"),
            *(moment(stamp).alias(f"{stamp}_at") for stamp in STAMPS),
            pl.Series("payment_method", list(PAYMENTS)).gather(rows["payment"]),
            pl.lit(self.currency).alias("currency"),
            money("shipping").alias("shipping_amount"),
            moment("updated").alias("updated_at"),
        )

    def _line_text(self, lines: pl.DataFrame) -> pl.DataFrame:
        products = self.shop.catalogue.frame["product_id"]
        return lines.select(
            numbered("O", "order", 9).alias("order_id"),
            pl.col("line").alias("line_number"),
            products.gather(lines["product"]).alias("product_id"),
            "quantity",
            money("price").alias("unit_price"),
            money("discount").alias("discount_amount"),
            money("tax").alias("tax_amount"),
        )


def _as_of(orders: pl.DataFrame, end: pl.Expr) -> pl.DataFrame:
    """The orders as they stood before `end`: later moments are null; with status and updated."""
    seen = orders.with_columns(pl.when(pl.col(stamp) < end).then(pl.col(stamp)).alias(stamp) for stamp in STAMPS)
    return seen.with_columns(
        status=pl.when(pl.col("returned").is_not_null())
        .then(pl.lit("returned"))
        .when(pl.col("cancelled").is_not_null())
        .then(pl.lit("cancelled"))
        .when(pl.col("delivered").is_not_null())
        .then(pl.lit("delivered"))
        .when(pl.col("fulfilled").is_not_null())
        .then(pl.lit("fulfilled"))
        .when(pl.col("paid").is_not_null())
        .then(pl.lit("paid"))
        .otherwise(pl.lit("created")),
        updated=pl.max_horizontal("created", *STAMPS),
    )
