"""The catalogue as it changes: list prices, sale prices that go back, and costs."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.generate.season import Day
from pipelines.generate.shop import Shop
from pipelines.generate.streams import Bools, Floats, Ints, Purpose, stream
from pipelines.generate.write import moment, money

NEW_PRICE = 1 / 110  # chance of a product on a day
SALE_PRICE = 1 / 160
NEW_COST = 1 / 140


@dataclass
class Prices:
    """Cents of each product today and before its latest change."""

    shop: Shop
    price: Ints
    price_before: Ints
    cost: Ints
    changed_at: Ints  # seconds; the newest version's updated_at
    back_on: Ints  # number of the day a sale ends, 0 without one
    back_to: Ints

    @classmethod
    def first(cls, shop: Shop) -> "Prices":
        """The prices the shop opens with."""
        catalogue = shop.catalogue
        none = np.zeros(len(catalogue), dtype=np.int64)
        return cls(
            shop, catalogue.price.copy(), catalogue.price, catalogue.cost.copy(), catalogue.known_since.copy(), none,
            none.copy(),
        )  # fmt: skip

    def change(self, day: Day) -> pl.DataFrame:
        """Make the day's changes; the products rows that land: all of them weekly, else what is new."""
        catalogue = self.shop.catalogue
        rng = stream(self.shop.seed, day.number, Purpose.PRICES)
        size = len(catalogue)
        at = day.start + rng.integers(1_800, 18_000, size)
        kind, step, length, costly = rng.random(size), rng.random(size), rng.integers(5, 15, size), rng.random(size)
        calm = (catalogue.launched_on < day.number) & (self.back_on == 0)
        ends = self.back_on == day.number
        begins = calm & (kind < SALE_PRICE)
        moves = calm & ~begins & (kind < SALE_PRICE + NEW_PRICE)
        self.price_before = self.price.copy()
        self.back_to[begins] = self.price[begins]
        self.back_on[begins] = day.number + length[begins]
        self.price[begins] = _to_price(self.price[begins] * (0.74 + 0.14 * step[begins]))
        self.price[moves] = _to_price(self.price[moves] * (0.94 + 0.16 * step[moves]))
        self.price[ends] = self.back_to[ends]
        self.back_on[ends] = 0
        # Costs follow half of the price changes, and drift by themselves.
        dearer = (moves & (costly < 0.5)) | (calm & ~begins & ~moves & (costly < NEW_COST))
        ceiling = np.where(self.back_on > 0, self.back_to, self.price) * 65 // 100
        self.cost[dearer] = np.minimum((self.cost * (0.96 + 0.10 * step)).astype(np.int64), ceiling)[dearer]
        changed = begins | moves | ends | dearer
        self.changed_at[changed] = at[changed]
        return self._rows(day, changed)

    def in_force(self, product: Ints, at: Ints) -> Ints:
        """The list price of each product at a moment of the day."""
        return np.where(at >= self.changed_at[product], self.price[product], self.price_before[product])

    def _rows(self, day: Day, changed: Bools) -> pl.DataFrame:
        launched = self.shop.catalogue.launched_on
        weekly = day.number % 7 == 1
        landing = (launched <= day.number) if weekly else changed | (launched == day.number)
        chosen = np.flatnonzero(landing)
        return (
            self.shop.catalogue.frame[chosen]
            .with_columns(
                list_price=pl.Series(self.price[chosen]),
                unit_cost=pl.Series(self.cost[chosen]),
                updated_at=pl.Series(self.changed_at[chosen]),
            )
            .select(
                *("product_id", "product_name", "category", "subcategory", "brand"),
                money("list_price"),
                money("unit_cost"),
                "reorder_point",
                moment("updated_at"),
            )
        )


def _to_price(cents: Floats) -> Ints:
    return np.maximum(np.round(cents / 100), 2).astype(np.int64) * 100 - 1


def store_rows(shop: Shop, day: Day) -> pl.DataFrame:
    """The stores rows that land: all of them weekly, else those that open."""
    stores = shop.stores
    weekly = day.number % 7 == 1
    chosen = np.flatnonzero(stores.opens_on <= day.number if weekly else stores.opens_on == day.number)
    return stores.frame[chosen].with_columns(updated_at=pl.Series(stores.opened_at[chosen])).with_columns(
        moment("updated_at")
    )  # fmt: skip
