"""Who buys: new customers, those who come back, guests, and those who only sign up."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pipelines.generate.season import DAY, Day
from pipelines.generate.shop import NAMES_A_LOCALE, Places, Shop, full_names
from pipelines.generate.streams import Bools, Floats, Ints, Purpose, scatter, stream
from pipelines.generate.write import moment

GUESTS = 0.08  # share of orders without a customer
PROSPECTS = 0.05  # sign up and do not order, as a share of new customers
WAKES = 0.30  # share of prospects who order one day
LOYAL_SHARE = 4  # one customer in so many is loyal
COMES_BACK_LOYAL = 0.70
COMES_BACK = 0.24
SHORTEST_PAUSE = 3.0  # days; longer than a customer's own row can be late
MOVES = 0.03  # share of returning customers who have a new address
LATE = 0.004  # share of new customers whose row lands after their order
MAILS = ("example.com", "example.net", "example.org")

# A customer who will order again: all that must be remembered.
WAITING = np.dtype([("customer", "i8"), ("place", "i8"), ("signup", "i8")])


@dataclass(frozen=True)
class Buyers:
    """Who placed the day's orders, one entry an order."""

    customer: Ints  # -1 for a guest
    place: Ints


@dataclass
class Customers:
    """The customers so far. `waiting` holds, by day number, those who come back on it."""

    shop: Shop
    next_customer: int = 1
    waiting: dict[int, list[np.ndarray]] = field(default_factory=dict)
    late: dict[int, list[pl.DataFrame]] = field(default_factory=dict)

    def arrive(self, day: Day, created: Ints, last_day: int) -> tuple[Buyers, pl.DataFrame]:
        """The buyers of the day's orders, and the customer rows that land on the day."""
        rng = stream(self.shop.seed, day.number, Purpose.BUYERS)
        known = np.flatnonzero(rng.random(len(created)) >= GUESTS)
        back = self._come_back(rng, day, int(len(known) * 0.95))
        slots = rng.permutation(known)
        old_slots, new_slots = slots[: len(back)], np.sort(slots[len(back) :])
        new = self._sign_up(rng, created[new_slots] - rng.integers(40, 1_800, len(new_slots)))
        prospects = self._sign_up(rng, day.start + rng.integers(0, DAY, rng.binomial(len(new), PROSPECTS)))
        moved = rng.random(len(back)) < MOVES
        back["place"][moved] = _next_city(rng, self.shop.places, back["place"][moved])

        customer = np.full(len(created), -1, dtype=np.int64)
        place = _live(rng, self.shop.places, len(created))
        for who, where in ((back, old_slots), (new, new_slots)):
            customer[where] = who["customer"]
            place[where] = who["place"]
        self._schedule(rng, day, np.concatenate([back, new]), _comes_back)
        self._schedule(rng, day, prospects, lambda customers: np.full(len(customers), WAKES))

        rows = pl.concat(
            [
                self._rows(new, new["signup"]),
                self._rows(prospects, prospects["signup"]),
                self._rows(back[moved], created[old_slots[moved]] - 60),
            ]
        )
        return Buyers(customer, place), self._land(day, rows, len(new), last_day)

    def _come_back(self, rng: np.random.Generator, day: Day, most: int) -> np.ndarray:
        due = np.concatenate([np.empty(0, WAITING), *self.waiting.pop(day.number, [])])
        due = rng.permutation(due)
        if len(due) > most:
            self.waiting.setdefault(day.number + 1, []).append(due[most:])
        return due[:most].copy()

    def _sign_up(self, rng: np.random.Generator, signup: Ints) -> np.ndarray:
        people = np.empty(len(signup), WAITING)
        people["customer"] = np.arange(self.next_customer, self.next_customer + len(signup))
        people["place"] = _live(rng, self.shop.places, len(signup))
        people["signup"] = signup
        self.next_customer += len(signup)
        return people

    def _schedule(
        self, rng: np.random.Generator, day: Day, people: np.ndarray, chance: Callable[[Ints], Floats]
    ) -> None:
        again = people[rng.random(len(people)) < chance(people["customer"])]
        pause = SHORTEST_PAUSE + rng.gamma(1.6, 24.0, len(again))
        due = day.number + pause.astype(np.int64)
        order = np.argsort(due, kind="stable")
        days, starts = np.unique(due[order], return_index=True)
        for number, part in zip(days.tolist(), np.split(again[order], starts)[1:], strict=True):
            self.waiting.setdefault(number, []).append(part)

    def _rows(self, people: np.ndarray, updated: Ints) -> pl.DataFrame:
        places, customer, place = self.shop.places, people["customer"], pl.Series(people["place"])
        country = places.country_number[people["place"]]
        given = scatter(customer, self.shop.seed * 8 + 1, NAMES_A_LOCALE)
        family = scatter(customer, self.shop.seed * 8 + 2, NAMES_A_LOCALE)
        mail = pl.Series(list(MAILS)).gather(scatter(customer, self.shop.seed * 8 + 3, len(MAILS)))
        unmailed = pl.Series(scatter(customer, self.shop.seed * 8 + 4, 50) == 0)
        number = pl.col("customer_id").cast(pl.String).str.zfill(8)
        return pl.DataFrame(
            {
                "customer_id": customer,
                "full_name": full_names(places, country, given, family),
                "email": mail,
                "country": places.country.gather(place),
                "region": places.region.gather(place),
                "city": places.city.gather(place),
                "signup_at": people["signup"],
                "updated_at": updated,
            }
        ).with_columns(
            customer_id="C" + number,
            email=pl.when(~unmailed).then("c" + number + "@" + pl.col("email")),
            signup_at=moment("signup_at"),
            updated_at=moment("updated_at"),
        )

    def _land(self, day: Day, rows: pl.DataFrame, new: int, last_day: int) -> pl.DataFrame:
        rng = stream(self.shop.seed, day.number, Purpose.ARRIVAL)
        late = np.zeros(len(rows), dtype=np.int64)
        late[:new] = np.where(rng.random(new) < LATE, rng.integers(1, 3, new), 0)
        if day.number + 2 > last_day:
            late[:] = 0  # what would never land lands on time
        for days in (1, 2):
            self.late.setdefault(day.number + days, []).append(rows.filter(pl.Series(late == days)))
        return pl.concat([*self.late.pop(day.number, []), rows.filter(pl.Series(late == 0))])


def _live(rng: np.random.Generator, places: Places, size: int) -> Ints:
    return np.searchsorted(places.cumulative, rng.random(size), side="right").clip(0, len(places.tax) - 1)


def _next_city(rng: np.random.Generator, places: Places, place: Ints) -> Ints:
    """Another place of the same country, where there is one."""
    country = places.country_number
    size = np.bincount(country)[country[place]]
    first = np.searchsorted(country, country[place])
    return first + (place - first + rng.integers(1, np.maximum(size, 2))) % size


def _comes_back(customer: Ints) -> Floats:
    loyal: Bools = scatter(customer, 0, LOYAL_SHARE) == 0
    return np.where(loyal, COMES_BACK_LOYAL, COMES_BACK)
