"""What pages and charts are made of. A chart is a file in `charts/`, a page a file in `pages/`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from serving.reports.periods import Periods
from serving.reports.query import Row
from serving.reports.release import Release

Kind = Literal["date", "month", "money", "count", "share", "text", "flag"]


@dataclass(frozen=True)
class Column:
    """A column of the table behind a chart."""

    name: str
    label: str
    kind: Kind


@dataclass(frozen=True)
class Answer:
    """What a chart says in words: a title that answers its question, and a summary for who cannot see it."""

    title: str
    summary: str


@dataclass(frozen=True)
class Legend:
    """One key of a chart; `trace` is the index of the trace it stands for, if it may be absent."""

    label: str
    color: str
    mark: Literal["line", "dotted", "dashed", "bar", "dot", "hatch"]
    trace: int | None = None


@dataclass(frozen=True)
class Chart:
    """A chart over one dataset.

    In traces and layout the string `@name` stands for the values of a column, `text:name` for the same
    as formatted text, `short:name` for that cut to the width, `before:name` and `textbefore:name` for both one range
    earlier, `#row` for the row numbers, `var(--name)` for a colour of the theme; text from the data
    stands nowhere else. `answers` has one entry per range key of the page, or only `all`. `unit` is that of
    the value axis, `limit` how many rows are drawn (the table shows all); `height` is in pixels.
    """

    answers: Mapping[str, Answer]
    columns: tuple[Column, ...]
    traces: list[dict[str, Any]]
    layout: dict[str, Any] = field(default_factory=dict)
    legend: tuple[Legend, ...] = ()
    note: str = ""
    unit: str = ""
    limit: int | None = None
    height: int = 280


@dataclass(frozen=True)
class Empty:
    """What stands in a chart's place when there is nothing to draw."""

    message: str


@dataclass(frozen=True)
class Source:
    """What a chart is built from: the release, its dataset's rows and the totals of the page's ranges."""

    release: Release
    rows: list[Row]
    periods: Periods


@dataclass(frozen=True)
class ChartSpec:
    """Where a chart stands and how it is made.

    `dataset` is the stem of its query, which takes `:as_of`. With `ranged` the dataset has one row
    per day up to the as-of date, and the page's range applies.
    """

    page: str
    order: int
    question: str
    dataset: str
    build: Callable[[Source], Chart | Empty]
    ranged: bool = False
    wide: bool = False


Context = Callable[[Release, Periods, Callable[[str], list[Row]]], dict[str, Any]]


def _nothing_more(_release: Release, _periods: Periods, _dataset: Callable[[str], list[Row]]) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class PageSpec:
    """A page: its place in the menu, and, where it shows more than its charts, a template and what that shows.

    The template extends page.html.j2; `context` gets the release, the ranges, and the rows of a query by stem.
    """

    order: int
    title: str
    template: str = "page.html.j2"
    context: Context = _nothing_more
