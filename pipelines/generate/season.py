"""How many orders a day asks for: growth, weekdays, the year, and the weather of the day."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import exp

import numpy as np

from pipelines.generate.streams import Floats, Ints, Purpose, stream
from pipelines.generate.words import CATEGORIES

DAY = 86_400  # seconds
EPOCH = date(1970, 1, 1)
GROWTH_A_YEAR = 1.28
WEEKDAYS = (0.95, 0.90, 0.91, 0.95, 1.03, 1.17, 1.09)  # Monday first, 1.00 on average
# Share of a day's orders placed in each hour: lunch, and the long evening.
HOURS_ONLINE = (14, 8, 5, 3, 3, 5, 12, 24, 36, 44, 50, 54, 56, 52, 48, 46, 48, 54, 64, 76, 84, 80, 58, 32)
HOURS_RETAIL = (0, 0, 0, 0, 0, 0, 0, 0, 2, 20, 44, 62, 74, 70, 64, 66, 72, 80, 64, 26, 4, 0, 0, 0)


@dataclass(frozen=True)
class Day:
    """A day of the shop: its number from 1, and its bounds in seconds of the epoch."""

    number: int
    date: date

    @property
    def start(self) -> int:
        """The first second of the day."""
        return (self.date - EPOCH).days * DAY

    @property
    def end(self) -> int:
        """The first second after the day."""
        return self.start + DAY


def black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def _hump(distance: int, width: float) -> float:
    return exp(-((distance / width) ** 2) / 2)


def year_factor(day: date) -> float:
    """The time of the year: a peak from Black Friday to mid December, quiet in late January and August."""
    sale = (day - black_friday(day.year)).days
    gifts = (day - date(day.year, 12, 12)).days
    lull = (day - date(day.year + (day.month > 6), 1, 22)).days
    summer = (day - date(day.year, 8, 5)).days
    holidays = 0.35 if (day.month, day.day) in ((12, 24), (12, 25), (12, 26), (1, 1)) else 0.0
    peak = 1.05 * _hump(sale, 2.2) + 0.30 * _hump(sale, 9) + 0.60 * _hump(gifts, 6.5)
    return 0.95 + peak - 0.16 * _hump(lull, 18) - 0.10 * _hump(summer, 20) - holidays


def sale_share(day: date) -> float:
    """Share of order lines sold at a discount: one in five, more around Black Friday and after Christmas."""
    after_christmas = (day - date(day.year + (day.month > 6), 1, 3)).days
    return 0.20 + 0.40 * _hump((day - black_friday(day.year)).days, 3) + 0.15 * _hump(after_christmas, 6)


def orders_wanted(seed: int, day: Day, orders_per_day: int) -> int:
    """How many orders customers would place on the day."""
    rng = stream(seed, day.number, Purpose.DEMAND)
    mood = float(rng.lognormal(0.0, 0.05))
    growth = GROWTH_A_YEAR ** ((day.number - 1) / 365)
    expected = orders_per_day * growth * WEEKDAYS[day.date.weekday()] * year_factor(day.date) * mood
    return int(rng.poisson(expected))


def category_factors(day: date) -> Floats:
    """How much more than usual each category sells in the month."""
    return np.array([category.months.get(day.month, 1.0) for category in CATEGORIES])


def times_of_day(rng: np.random.Generator, hours: tuple[int, ...], size: int) -> Ints:
    """Seconds after midnight, drawn by the share of each hour."""
    shares = np.array(hours, dtype=np.float64)
    hour = np.searchsorted(np.cumsum(shares) / shares.sum(), rng.random(size), side="right")
    return hour.astype(np.int64) * 3600 + rng.integers(0, 3600, size)
