"""Stock: what is on the shelf, what suppliers bring, and every movement as it lands."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pipelines.generate.season import Day
from pipelines.generate.shop import Catalogue, Shop
from pipelines.generate.streams import Floats, Ints, Purpose, stream
from pipelines.generate.write import moment, numbered

LATE_SUPPLIER = 0.06  # share of supplier orders a week or two late
COUNTED = 1 / 30  # share of products counted on a day
LOCATION = "main"
# One movement before it is numbered: `order_number` is -1 where no order moved it.
MOVEMENT = {"product": pl.Int64, "movement_type": pl.String, "quantity": pl.Int64, "at": pl.Int64, "order": pl.Int64}


def movements(movement_type: str, product: Ints, quantity: Ints, at: Ints, order: Ints | None = None) -> pl.DataFrame:
    """Movements of one type: product, movement_type, quantity, at (seconds), order."""
    return pl.DataFrame(
        {
            "product": product,
            "movement_type": pl.repeat(movement_type, len(product), dtype=pl.String, eager=True),
            "quantity": quantity,
            "at": at,
            "order": np.full(len(product), -1, dtype=np.int64) if order is None else order,
        },
        schema=MOVEMENT,
    )


@dataclass
class Stock:
    """Units of each product that may still be promised, and what is on its way."""

    shop: Shop
    available: Ints
    ordered: Ints
    pace: Floats  # units a day customers want, smoothed
    coming: dict[int, list[tuple[Ints, Ints]]] = field(default_factory=dict)
    next_movement: int = 1

    @classmethod
    def empty(cls, shop: Shop) -> "Stock":
        """The shelves before the first delivery."""
        none = np.zeros(len(shop.catalogue), dtype=np.int64)
        return cls(shop, none, none.copy(), shop.catalogue.daily_units.copy())

    @property
    def _catalogue(self) -> Catalogue:
        return self.shop.catalogue

    def receive(self, day: Day) -> pl.DataFrame:
        """Put the day's deliveries on the shelf; a product's first comes on its launch day."""
        rng = stream(self.shop.seed, day.number, Purpose.SUPPLY)
        product = np.flatnonzero(self._catalogue.launched_on == day.number)
        first = np.ceil(self.pace[product] * rng.uniform(14, 40, len(product))).astype(np.int64) + 3
        deliveries = self.coming.pop(day.number, [])
        for products, units in deliveries:
            self.ordered[products] -= units
        product = np.concatenate([product, *(products for products, _ in deliveries)])
        units = np.concatenate([first, *(units for _, units in deliveries)])
        np.add.at(self.available, product, units)
        return movements("receipt", product, units, day.start + rng.integers(300, 1_200, len(product)))

    def promise(self, product: Ints, wanted: Ints) -> Ints:
        """Units of each line the shelf can give, lines in the order they were placed."""
        by_product = np.argsort(product, kind="stable")
        units, of = wanted[by_product], product[by_product]
        running = np.cumsum(units)
        starts = np.flatnonzero(np.diff(of, prepend=-1))
        before = np.repeat(running[starts] - units[starts], np.diff(starts, append=len(of)))
        left = self.available[of] - (running - before - units)
        given = np.empty(len(product), dtype=np.int64)
        given[by_product] = np.clip(left, 0, units)
        self.available -= np.bincount(product, given, len(self._catalogue)).astype(np.int64)
        self.pace += 0.06 * (np.bincount(product, wanted, len(self._catalogue)) - self.pace)
        return given

    def put_back(self, product: Ints, units: Ints) -> None:
        """Units that can be promised again."""
        np.add.at(self.available, product, units)

    def count(self, day: Day) -> pl.DataFrame:
        """The adjustments of the day's stock counts: mostly a unit or two missing."""
        rng = stream(self.shop.seed, day.number, Purpose.COUNTING)
        counted = (rng.random(len(self.available)) < COUNTED) & (self._catalogue.launched_on <= day.number)
        product = np.flatnonzero(counted)
        found = np.maximum(rng.integers(-3, 3, len(product)), -self.available[product])
        product, found = product[found != 0], found[found != 0]
        self.available[product] += found
        return movements("adjustment", product, found, day.start + 20 * 3600 + rng.integers(0, 7_200, len(product)))

    def reorder(self, day: Day) -> None:
        """Order from suppliers what has fallen to about a week of sales."""
        rng = stream(self.shop.seed, day.number, Purpose.REORDERS)
        expected = np.maximum(self.pace, 0.5 * self._catalogue.daily_units)
        point = np.maximum(8.0 * expected, self._catalogue.daily_units * 5 + 2)
        short = (self.available + self.ordered < point) & (self._catalogue.launched_on <= day.number)
        product = np.flatnonzero(short)
        units = np.ceil(expected[product] * rng.uniform(18, 32, len(product))).astype(np.int64) + 3
        lead = 2 + rng.poisson(2.6, len(product))
        lead += np.where(rng.random(len(product)) < LATE_SUPPLIER, rng.integers(6, 14, len(product)), 0)
        self.ordered[product] += units
        for days in np.unique(lead).tolist():
            self.coming.setdefault(day.number + days, []).append((product[lead == days], units[lead == days]))

    def land(self, frames: list[pl.DataFrame]) -> pl.DataFrame:
        """The day's movements as inventory_movements rows, numbered as they happened."""
        moved = pl.concat(frames).sort("at", maintain_order=True)
        first = self.next_movement
        self.next_movement += len(moved)
        return moved.with_columns(number=pl.int_range(first, first + len(moved), dtype=pl.Int64)).select(
            numbered("M", "number", 10).alias("movement_id"),
            product_id=self._catalogue.frame["product_id"].gather(moved["product"]),
            location=pl.lit(LOCATION),
            movement_type="movement_type",
            quantity="quantity",
            occurred_at=moment("at"),
            order_id=numbered("O", "order", 9),
        )


@dataclass
class Warehouse:
    """Lines that are promised and wait to leave, or for their order's end."""

    waiting: list[pl.DataFrame] = field(default_factory=list)

    def take_orders(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Remember lines (order, product, quantity, created, ships, cancelled, retail); the allocations they make."""
        self.waiting.append(lines)
        online = lines.filter(~pl.col("retail"))
        return _of_lines("allocation", online, "created")

    def send(self, day: Day, stock: Stock) -> list[pl.DataFrame]:
        """Shipments of what leaves on the day, releases of what left or is no longer wanted."""
        lines = pl.concat(self.waiting)
        gone = pl.min_horizontal("ships", "cancelled") < day.end
        due = lines.filter(gone)
        self.waiting = [lines.filter(~gone)]
        cancelled = due.filter(pl.col("cancelled") < day.end)
        shipped = due.filter(pl.col("cancelled") >= day.end)
        stock.put_back(cancelled["product"].to_numpy(), cancelled["quantity"].to_numpy())
        return [
            _of_lines("release", shipped.filter(~pl.col("retail")), "ships"),
            _of_lines("shipment", shipped, "ships"),
            _of_lines("release", cancelled, "cancelled"),
        ]


def _of_lines(movement_type: str, lines: pl.DataFrame, at: str) -> pl.DataFrame:
    return movements(movement_type, *(lines[name].to_numpy() for name in ("product", "quantity", at, "order")))
