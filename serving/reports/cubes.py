"""Sums at the grain of day and dimensions, packed for the page that adds them up under a filter.

Figures are whole numbers: money in 1/10000 of the currency, divided by what all values of a column share, so that
the page adds integers and no float decides a cent. A column whose sum the page could not hold exactly is left out.
"""

import base64
import sys
import zlib
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import gcd
from typing import Any

from serving.reports.query import Row

EXACT = 2**50  # a JavaScript number holds every whole number below 2**53, also a sum of a few columns
PLACE = ("channel", "country", "region", "city", "store_id")


@dataclass(frozen=True)
class Cube:
    """One table of sums: its query `queries/cube_<name>.sql`, and how deep it knows the place.

    `depth` counts the levels of PLACE it holds (0: none, 1: the channel, 3: to the region, 5: to the store).
    `most` bounds the rows a page holds of it, the newest dates of it; without, it holds every date. A cube with
    `stands_in_for` is embedded only where that one does not reach back to the first date.
    """

    name: str
    depth: int = 0
    dimensions: tuple[str, ...] = ()
    grain: str = "day"
    most: int | None = None
    stands_in_for: str = ""


# A page opens in a second with some 150,000 rows in all. Those that stand in come after what they stand in for.
CUBES = (
    Cube("daily"),
    Cube("sales", 5, ("place", "category", "segment"), most=40_000),
    Cube("orders", 5, ("place", "segment"), most=25_000),
    Cube("day_category", 0, ("category",), most=25_000, stands_in_for="sales"),
    Cube("day_region", 3, ("place",), most=25_000, stands_in_for="orders"),
    Cube("day_segment", 1, ("place", "segment"), most=15_000, stands_in_for="orders"),
    Cube("month_category", 0, ("category",), "month", stands_in_for="day_category"),
    Cube("month_store", 5, ("place",), "month", stands_in_for="day_region"),
    Cube("month_segment", 1, ("place", "segment"), "month", stands_in_for="day_segment"),
)
SAMPLE = 28  # days, by which the days that fit are guessed
LONGEST = 800  # days of a cube that is bounded: two years, and what they are compared with
Fetch = Callable[..., list[Row]]


class Cubes:
    """The cubes of one report, each read once, with the dictionaries they share.

    `fetch` gives the rows of a query by its stem and parameters.
    """

    def __init__(self, fetch: Fetch, as_of: date) -> None:
        self._fetch = fetch
        self._as_of = as_of
        self._read: dict[str, tuple[list[Row], date] | None] = {}
        self._packed: dict[tuple[str, ...], tuple[dict[str, Any], str]] = {}

    def packed(self, names: tuple[str, ...]) -> tuple[dict[str, Any], str]:
        """What a page embeds: a description of its cubes, and their columns as deflated bytes in base64."""
        key = tuple(sorted(names))
        if key not in self._packed:
            self._packed[key] = self._pack(names)
        return self._packed[key]

    def _pack(self, names: tuple[str, ...]) -> tuple[dict[str, Any], str]:
        pack, wanted, described = _Pack(), set(names), []
        for cube in CUBES:
            if cube.stands_in_for in wanted:
                wanted.add(cube.name)
            found = self._cube(cube) if cube.name in wanted else None
            if found is not None:
                described.append(pack.cube(cube, *found))
        return {"cubes": described, **pack.dictionaries()}, pack.text()

    def _cube(self, cube: Cube) -> tuple[list[Row], date] | None:
        """Its rows, and the date from which it has all there are; None where there is nothing, or it is not needed."""
        if cube.name not in self._read:
            self._read[cube.name] = self._found(cube)
        return self._read[cube.name]

    @cached_property
    def _first(self) -> date | None:
        found: date | None = self._fetch("cube_bounds")[0]["first_date"]
        return found

    def _found(self, cube: Cube) -> tuple[list[Row], date] | None:
        first = self._first
        if first is None:
            return None
        if cube.stands_in_for:
            other = self._cube(next(one for one in CUBES if one.name == cube.stands_in_for))
            if other is None or other[1] <= first:
                return None
        name = f"cube_{cube.name}"
        if cube.most is None:
            return self._fetch(name, since=first), first
        since = max(first, self._as_of - timedelta(days=SAMPLE - 1))
        rows = self._fetch(name, since=since)
        if since > first and len(rows) < cube.most:
            fitting = min(SAMPLE * cube.most // max(len(rows), 1), LONGEST)
            since = max(first, self._as_of - timedelta(days=fitting - 1))
            rows = self._fetch(name, since=since)
        if len(rows) > cube.most:  # whole days go
            gone = rows[-cube.most - 1]["date"]
            since, rows = gone + timedelta(days=1), [row for row in rows if row["date"] > gone]
        return rows, since


class _Pack:
    def __init__(self) -> None:
        self._places: dict[tuple[str | None, ...], int] = {}
        self._names: dict[str, dict[str, int]] = {"category": {}, "segment": {}}
        self._columns: list[array[Any]] = []

    def cube(self, cube: Cube, rows: list[Row], since: date) -> dict[str, Any]:
        keys = {"date", *PLACE, *self._names}
        measures = [name for name in (rows[0] if rows else ()) if name not in keys]
        columns: dict[str, Any] = {"date": self._column([(row["date"] - since).days for row in rows])}
        if "place" in cube.dimensions:
            columns["place"] = self._column([self._place(row, cube.depth) for row in rows])
        for name in self._names:
            if name in cube.dimensions:
                columns[name] = self._column([self._code(name, row[name]) for row in rows])
        sums = {name: self._measure([row[name] for row in rows]) for name in measures}
        return {
            "name": cube.name,
            "since": since.isoformat(),
            "grain": cube.grain,
            "depth": cube.depth,
            "rows": len(rows),
            "columns": columns,
            "measures": {name: packed for name, packed in sums.items() if packed is not None},
        }

    def dictionaries(self) -> dict[str, Any]:
        return {"places": [list(place) for place in self._places], **{k: list(v) for k, v in self._names.items()}}

    def text(self) -> str:
        whole = b"".join(column.tobytes() + b"\0" * (-len(column) * column.itemsize % 8) for column in self._columns)
        return base64.b64encode(zlib.compress(whole, 6)).decode("ascii")

    def _place(self, row: Row, depth: int) -> int:
        return self._places.setdefault(tuple(row[name] for name in PLACE[:depth]), len(self._places))

    def _code(self, name: str, value: str) -> int:
        return self._names[name].setdefault(value, len(self._names[name]))

    def _measure(self, values: list[int]) -> dict[str, Any] | None:
        shared = gcd(*values) or 1
        if sum(map(abs, values)) >= EXACT:
            return None
        return {"times": shared, **self._column([value // shared for value in values])}

    def _column(self, values: Iterable[int]) -> dict[str, Any]:
        whole = list(values)
        low, high = min(whole, default=0), max(whole, default=0)
        fits = (("B", 0, 2**8), ("H", 0, 2**16), ("i", -(2**31), 2**31))
        code = next((code for code, least, above in fits if least <= low and high < above), "d")
        column = array(code, whole)
        if sys.byteorder == "big":
            column.byteswap()
        self._columns.append(column)
        offset = sum(len(one) * one.itemsize + -len(one) * one.itemsize % 8 for one in self._columns[:-1])
        return {"type": code, "at": offset}
