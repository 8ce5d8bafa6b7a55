"""A synthetic shop, day by day, as the landing folders it would drop in."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from contracts.errors import UsageError
from contracts.registry import sources
from pipelines.generate.baskets import fill_baskets
from pipelines.generate.book import OrderBook
from pipelines.generate.customers import Customers
from pipelines.generate.inventory import Stock, Warehouse
from pipelines.generate.noise import Spoiler
from pipelines.generate.orders import agree_terms, line_frame, order_frame, set_timeline
from pipelines.generate.prices import Prices, store_rows
from pipelines.generate.returns import Returns, plan_returns
from pipelines.generate.season import Day, orders_wanted
from pipelines.generate.shop import found_shop
from pipelines.generate.write import as_csv, require_same, write_file

FIRST_YEAR, LAST_YEAR = 1975, 2198  # what lies before the first day must be a timestamp the contracts accept
MOST_NOISE = 0.5


@dataclass(frozen=True)
class Summary:
    """What was written: rows of each source, and of these the spoiled ones of each reason code."""

    days: int
    rows: dict[str, int]
    spoiled: dict[str, dict[str, int]]

    @property
    def total_rows(self) -> int:
        """Rows of all sources."""
        return sum(self.rows.values())

    @property
    def total_spoiled(self) -> int:
        """Spoiled rows of all sources."""
        return sum(sum(reasons.values()) for reasons in self.spoiled.values())


def generate(
    landing: Path,
    *,
    start: date,
    days: int,
    orders_per_day: int,
    seed: int,
    noise: float = 0.0,
    currency: str = "USD",
    force: bool = False,
    on_day: Callable[[date, int], None] | None = None,
) -> Summary:
    """Write `landing/<YYYY-MM-DD>/<source>.csv` for `days` days of a shop that opens on `start`.

    `orders_per_day` is what an ordinary day of the first weeks asks for; season and growth move it.
    `noise` is the share of rows that break a rule of the contracts, every reason in turn. The same
    arguments write the same bytes. A source has a file on the days it has rows. `on_day` is told
    each date and its rows.

    Raises UsageError for arguments that cannot be, and, unless `force`, where one of the files is there with
    other bytes, before anything is written; InfrastructureError where the disk refuses.
    """
    _check(start=start, days=days, orders_per_day=orders_per_day, seed=seed, noise=noise, currency=currency)

    def make() -> _Making:
        return _Making(Day(1, start).start, days, orders_per_day, Spoiler(seed, noise, currency), currency)

    if not force and _is_taken(landing, start, days):
        # Made twice rather than held: a long shop is larger than memory.
        for day, landed in _days(make(), start):
            for source, frame in landed.items():
                require_same(_target(landing, day, source), as_csv(frame))
    making = make()
    rows = dict.fromkeys(sorted(sources()), 0)
    for day, landed in _days(making, start):
        for source, frame in landed.items():
            rows[source] += len(frame)
            write_file(_target(landing, day, source), as_csv(frame))
        if on_day is not None:
            on_day(day, sum(len(frame) for frame in landed.values()))
    spoiled = {source: dict(sorted(counts.items())) for source, counts in making.spoiler.spoiled.items()}
    return Summary(days, rows, spoiled)


def _days(making: "_Making", start: date) -> Iterator[tuple[date, dict[str, pl.DataFrame]]]:
    """Each date with the rows that land on it, of the sources that have any."""
    for number in range(1, making.last_day + 1):
        day = start + timedelta(days=number - 1)
        landed = making.live(Day(number, day))
        yield day, {source: frame for source, frame in landed.items() if len(frame)}


def _target(landing: Path, day: date, source: str) -> Path:
    return landing / day.isoformat() / f"{source}.csv"


def _is_taken(landing: Path, start: date, days: int) -> bool:
    """Is a file there that may be written."""
    dates = (start + timedelta(days=number) for number in range(days))
    return any(_target(landing, day, source).exists() for day in dates for source in sources())


def _check(*, start: date, days: int, orders_per_day: int, seed: int, noise: float, currency: str) -> None:
    if days < 1:
        raise UsageError(f"{days} days cannot be generated. Ask for at least 1.", "days")
    if orders_per_day < 1:
        raise UsageError(f"{orders_per_day} orders a day make no shop. Ask for at least 1.", "orders_per_day")
    if seed < 0:
        raise UsageError(f"The seed {seed} is below 0. Give a whole number from 0.", "seed")
    if not 0 <= noise <= MOST_NOISE:
        raise UsageError(f"The noise {noise} is no share from 0 to {MOST_NOISE}. Give one, such as 0.02.", "noise")
    if not re.fullmatch("[A-Z]{3}", currency):
        raise UsageError(f"The currency {currency!r} is no ISO 4217 code. Give three letters, such as EUR.", "currency")
    if start.year < FIRST_YEAR or start.toordinal() + days - 1 > date(LAST_YEAR, 12, 31).toordinal():
        raise UsageError(
            f"{days} days from {start} leave the years {FIRST_YEAR} to {LAST_YEAR}. Start or end inside them.", "start"
        )


class _Making:
    """The state of the shop from one day to the next; only what is still open is kept."""

    def __init__(self, opens_at: int, days: int, orders_per_day: int, spoiler: Spoiler, currency: str) -> None:
        self.last_day = days
        self.orders_per_day = orders_per_day
        self.spoiler = spoiler
        self.shop = found_shop(spoiler.seed, opens_at, orders_per_day)
        self.stock = Stock.empty(self.shop)
        self.warehouse = Warehouse()
        self.prices = Prices.first(self.shop)
        self.customers = Customers(self.shop)
        self.book = OrderBook(self.shop, currency)
        self.returns = Returns.none(self.shop)
        self.next_order = 1

    def live(self, day: Day) -> dict[str, pl.DataFrame]:
        """One day of the shop: the rows that land, by source."""
        shop, first_order = self.shop, self.next_order
        products = self.prices.change(day)
        receipts = self.stock.receive(day)
        wanted = orders_wanted(shop.seed, day, self.orders_per_day)
        baskets = fill_baskets(shop, self.stock, self.prices, day, wanted)
        buyers, customers = self.customers.arrive(day, baskets.created, self.last_day)
        terms = agree_terms(shop, day, baskets, buyers)
        timeline = set_timeline(shop, day, baskets, terms, buyers)
        returned, planned = plan_returns(shop, day, baskets, timeline, first_order)
        self.next_order += len(baskets.created)

        self.returns.plan(planned)
        orders = order_frame(first_order, baskets, buyers, terms, timeline).with_columns(returned=pl.Series(returned))
        comes_back = np.isin(first_order + baskets.order, planned["order"].to_numpy())
        lines = line_frame(first_order, baskets, terms, comes_back)
        leaving = pl.DataFrame(
            {
                **{name: lines[name] for name in ("order", "product", "quantity")},
                "created": baskets.created[baskets.order],
                "ships": timeline.ships[baskets.order],
                "cancelled": timeline.cancelled[baskets.order],
                "retail": baskets.retail[baskets.order],
            }
        )
        moved = [receipts, self.warehouse.take_orders(leaving), *self.warehouse.send(day, self.stock)]
        return_rows, come_back = self.returns.land(day, self.stock)
        moved += [*come_back, self.stock.count(day)]
        self.stock.reorder(day)
        return {
            "customers": self._copies(day, "customers", customers),
            "products": self._copies(day, "products", products),
            "stores": self._copies(day, "stores", store_rows(shop, day)),
            "orders": self._copies(day, "orders", self.book.land_orders(day, orders, self.last_day)),
            "order_items": self._lines(day, lines),
            "returns": self._copies(day, "returns", return_rows),
            "inventory_movements": self._copies(day, "inventory_movements", self.stock.land(moved)),
        }

    def _copies(self, day: Day, source: str, rows: pl.DataFrame) -> pl.DataFrame:
        return self.spoiler.add_bad_copies(day, source, rows) if self.spoiler.share else rows

    def _lines(self, day: Day, lines: pl.DataFrame) -> pl.DataFrame:
        fresh, again = self.book.land_lines(day, lines)
        if not self.spoiler.share:
            return pl.concat([again, fresh])
        # A spoiled line has no return: the return would be an orphan, and a second bad row.
        spoiled, mended = self.spoiler.replace_rows(day, "order_items", fresh, ~lines["comes_back"])
        self.book.send_lines_again(mended)
        return pl.concat([again.cast(pl.String), spoiled], how="diagonal")
