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
    """What a chart says in words: the answer to its question, and a summary for who cannot see it."""

    title: str
    summary: str


@dataclass(frozen=True)
class Legend:
    """One key of a chart."""

    label: str
    color: str
    mark: Literal["line", "dotted", "dashed", "bar", "dot", "hatch", "tick"]


@dataclass(frozen=True)
class Chart:
    """A chart over one dataset.

    In traces and layout the string `@name` stands for the values of a column, `text:name` for the same
    as formatted text, `short:name` for that cut to the width, `#row` for the row numbers, `var(--name)` for a
    colour of the theme; text from the data stands nowhere else. `unit` is that of the value axis, `limit` how
    many rows are drawn (the table shows all); `height` is in pixels.
    """

    answer: Answer
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
    per day up to the as-of date, and the dates of the page's filter apply.
    """

    page: str
    order: int
    question: str
    dataset: str
    build: Callable[[Source], Chart | Empty]
    ranged: bool = False
    wide: bool = False


@dataclass(frozen=True)
class ViewSpec:
    """A visual that the page itself sums from its cubes, under the filter of the moment.

    `kind` names its drawing, `assets/kind-<kind>.js`; `measures` are of `assets/measures.js`; `by` is `time`
    or a dimension (`category`, `segment`, `channel`, `place`: the next level of the drill-down). `options`
    are the kind's own.
    """

    page: str
    order: int
    question: str
    kind: str
    measures: tuple[str, ...]
    by: str = "time"
    options: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    wide: bool = False
    height: int = 280


Context = Callable[[Release, Periods, Callable[[str], list[Row]]], dict[str, Any]]


def _nothing_more(_release: Release, _periods: Periods, _dataset: Callable[[str], list[Row]]) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class PageSpec:
    """A page: its place in the menu, and, where it shows more than its charts, a template and what that shows.

    The template extends page.html.j2; `context` gets the release, the ranges, and the rows of a query by stem.
    `cubes` are the sums the page embeds (see cubes.py): what its views, and its filter, can work with; `totals`
    the measures it shows for the view as a whole.
    """

    order: int
    title: str
    template: str = "page.html.j2"
    context: Context = _nothing_more
    cubes: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    heading: str = "Explore"


@dataclass(frozen=True)
class Insight:
    """One paragraph of the memo: sentences computed from the rows of a query, none where they do not carry it."""

    order: int
    topic: str
    dataset: str
    say: Callable[[list[Row], Release], list[str]]
