"""What is in the baskets: products by popularity and season, and what the shelf can give."""

from dataclasses import dataclass

import numpy as np

from pipelines.generate.inventory import Stock
from pipelines.generate.prices import Prices
from pipelines.generate.season import HOURS_ONLINE, HOURS_RETAIL, Day, category_factors, sale_share, times_of_day
from pipelines.generate.shop import Shop
from pipelines.generate.streams import Bools, Ints, Purpose, stream

RETAIL = 0.24  # share of orders placed in a store
LINES = (0.52, 0.26, 0.12, 0.06, 0.04)  # chance of one line, two, ...
UNITS = (0.79, 0.15, 0.04, 0.02)
TOGETHER = 0.30  # chance that a further line is the companion of the first
SALES = (5, 10, 15, 20, 30)  # percent


@dataclass(frozen=True)
class Baskets:
    """The day's orders in the order they were placed, and their lines.

    `created` and `retail` have an entry an order; the others an entry a line, `order` being the
    position of its order.
    """

    created: Ints
    retail: Bools
    order: Ints
    line: Ints
    product: Ints
    quantity: Ints
    price: Ints
    discount: Ints

    @property
    def gross(self) -> Ints:
        """Cents of each line."""
        return self.quantity * self.price


def fill_baskets(shop: Shop, stock: Stock, prices: Prices, day: Day, wanted: int) -> Baskets:
    """Draw `wanted` orders and promise stock to them; what the shelf lacks is not sold."""
    rng = stream(shop.seed, day.number, Purpose.BASKETS)
    retail = rng.random(wanted) < RETAIL
    seconds = np.where(retail, times_of_day(rng, HOURS_RETAIL, wanted), times_of_day(rng, HOURS_ONLINE, wanted))
    placed = np.argsort(seconds, kind="stable")
    retail, created = retail[placed], day.start + seconds[placed]

    order, product = _products(rng, shop, day, wanted)
    asked = 1 + np.searchsorted(np.cumsum(UNITS[:-1]), rng.random(len(order)), side="right").astype(np.int64)
    off = np.where(
        rng.random(len(order)) < sale_share(day.date), rng.choice(np.array(SALES), len(order)), 0
    )  # fmt: skip
    given = stock.promise(product, asked)
    order, product, given, off = (column[given > 0] for column in (order, product, given, off))

    # Orders whose every line was out of stock are not placed at all.
    filled = np.bincount(order, minlength=wanted) > 0
    created, retail = created[filled], retail[filled]
    order = (np.cumsum(filled) - 1)[order]
    first_line = np.flatnonzero(np.diff(order, prepend=-1))
    price = prices.in_force(product, created[order])
    return Baskets(
        created=created,
        retail=retail,
        order=order,
        line=np.arange(len(order)) - first_line[order] + 1,
        product=product,
        quantity=given,
        price=price,
        discount=given * price * off // 100,
    )


def _products(rng: np.random.Generator, shop: Shop, day: Day, orders: int) -> tuple[Ints, Ints]:
    catalogue = shop.catalogue
    on_sale = catalogue.launched_on <= day.number
    weight = catalogue.weight * category_factors(day.date)[catalogue.category] * on_sale
    lines = 1 + np.searchsorted(np.cumsum(LINES[:-1]), rng.random(orders), side="right").astype(np.int64)
    order = np.repeat(np.arange(orders), lines)
    cumulative = np.cumsum(weight)
    product = np.searchsorted(cumulative, rng.random(len(order)) * cumulative[-1], side="right")
    product = product.clip(0, len(catalogue) - 1).astype(np.int64)
    first = np.cumsum(lines) - lines
    matching = catalogue.companion[product[first]][order]
    together = (rng.random(len(order)) < TOGETHER) & on_sale[matching]
    together[first] = False
    product = np.where(together, matching, product)
    # A product stands on one line of an order only.
    _, kept = np.unique(order * len(catalogue) + product, return_index=True)
    kept.sort()
    return order[kept], product[kept]
