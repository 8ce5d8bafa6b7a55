"""Renders every page of a release: pages and charts are found by their files."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, TypeVar

import jinja2
from sqlalchemy import Connection

from serving.reports import charts, formats, pages
from serving.reports.assets import asset_names
from serving.reports.model import Chart, ChartSpec, Empty, PageSpec, Source
from serving.reports.periods import Periods, Range, read_periods
from serving.reports.query import Row, fetch
from serving.reports.release import Release

Spec = TypeVar("Spec", ChartSpec, PageSpec)

FIRST_PAGE = "overview"  # becomes index.html


@dataclass(frozen=True)
class Card:
    """A chart with its place on a page, ready for the template."""

    stem: str
    spec: ChartSpec
    chart: Chart | None
    empty: str
    title: str
    summary: str


@dataclass(frozen=True)
class Rendered:
    """The pages of one report by file name, and what the archive says of it."""

    files: dict[str, bytes]
    facts: dict[str, Any]


class _Datasets:
    """Runs each query of a report once."""

    def __init__(self, connection: Connection, release: Release) -> None:
        self._connection = connection
        self._release = release
        self._rows: dict[str, list[Row]] = {}

    def __call__(self, stem: str) -> list[Row]:
        if stem not in self._rows:
            self._rows[stem] = fetch(self._connection, stem, as_of=self._release.as_of)
        return self._rows[stem]


def environment() -> jinja2.Environment:
    """Templates of the reports; everything that is not marked safe is escaped."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("serving.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"grouped": formats.grouped, "day": formats.day, "weekday": formats.weekday}
    return found


@dataclass(frozen=True)
class _Report:
    """What all pages of one report share."""

    release: Release
    periods: Periods
    datasets: _Datasets
    menu: list[dict[str, str]]


def render(connection: Connection, release: Release) -> Rendered:
    """All pages of a release, read through the open connection; same data and release, same bytes."""
    datasets = _Datasets(connection, release)
    specs = _found(pages.__path__, pages.__name__, "PAGE", PageSpec)
    menu = [
        {"stem": stem, "title": spec.title, "href": _file_name(stem)}
        for stem, spec in sorted(specs.items(), key=lambda item: (item[1].order, item[0]))
    ]
    report = _Report(release, read_periods(datasets("period_totals")), datasets, menu)
    files = {_file_name(stem): _page(stem, spec, report).encode() for stem, spec in specs.items()}
    return Rendered(files, _facts(report))


def _found(path: Any, package: str, name: str, kind: type[Spec]) -> dict[str, Spec]:
    modules = {item.name: import_module(f"{package}.{item.name}") for item in iter_modules(path)}
    specs = {stem: getattr(module, name) for stem, module in sorted(modules.items())}
    return {stem: spec for stem, spec in specs.items() if isinstance(spec, kind)}


def _file_name(stem: str) -> str:
    return "index.html" if stem == FIRST_PAGE else f"{stem}.html"


def _page(stem: str, spec: PageSpec, report: _Report) -> str:
    found = _found(charts.__path__, charts.__name__, "CHART", ChartSpec)
    cards = [
        _card(name, chart, Source(report.release, report.datasets(chart.dataset), report.periods))
        for name, chart in sorted(found.items(), key=lambda item: (item[1].order, item[0]))
        if chart.page == stem
    ]
    return (
        environment()
        .get_template(spec.template)
        .render(
            page=spec,
            stem=stem,
            menu=report.menu,
            release=report.release,
            published=formats.moment(report.release.published_at, report.release.timezone),
            ranges=report.periods.ranges,
            preferred=report.periods.preferred,
            cards=cards,
            assets=asset_names(),
            data=_embedded(cards, report),
            **spec.context(report.release, report.periods, report.datasets),
        )
    )


def _card(stem: str, spec: ChartSpec, source: Source) -> Card:
    built = spec.build(source)
    if isinstance(built, Empty):
        return Card(stem, spec, None, built.message, "", "")
    preferred = source.periods.preferred
    key = preferred.key if preferred and preferred.key in built.answers else "all"
    answer = built.answers[key]
    return Card(stem, spec, built, "", answer.title, answer.summary)


def _embedded(cards: list[Card], report: _Report) -> str:
    """The page's data as JSON that is safe inside a script element; each dataset once, by column."""
    drawn = [card for card in cards if card.chart]
    digits = formats.minor_digits(report.release.currency)
    return safe_json(
        {
            "asOf": report.release.as_of.isoformat(),
            "currency": report.release.currency,
            "ranges": {item.key: _days(item) for item in report.periods.ranges},
            "datasets": {
                name: _columns(report.datasets(name), digits) for name in sorted({card.spec.dataset for card in drawn})
            },
            "charts": {
                card.stem: {
                    "question": card.spec.question,
                    "dataset": card.spec.dataset,
                    "ranged": card.spec.ranged,
                    "answers": {key: asdict(answer) for key, answer in card.chart.answers.items()},
                    "columns": [asdict(column) for column in card.chart.columns],
                    "traces": card.chart.traces,
                    "layout": card.chart.layout,
                    "limit": card.chart.limit,
                }
                for card in drawn
                if card.chart
            },
        }
    )


def _days(item: Range) -> int | None:
    return None if item.key == "all" else item.days


def _columns(rows: list[Row], digits: int) -> dict[str, list[Any]]:
    return {name: [_plain(row[name], digits) for row in rows] for name in (rows[0] if rows else ())}


def _plain(value: Any, digits: int) -> Any:
    """Money as a decimal string of the currency's digits, dates as ISO text."""
    if isinstance(value, Decimal):
        return str(formats.rounded(value, digits))
    if isinstance(value, date):
        return value.isoformat()
    return value


def safe_json(value: Any) -> str:
    """JSON that cannot end the script element it stands in."""
    dumped = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return dumped.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _facts(report: _Report) -> dict[str, Any]:
    """What the archive shows of a report; its `report.json`."""
    release, headline = report.release, report.periods.headline
    now, before = (headline.now, headline.before) if headline else (None, None)
    moved = formats.change(now.net_revenue, before.net_revenue) if now and before else None
    return {
        "as_of": release.as_of.isoformat(),
        "release_id": release.release_id,
        "published": formats.moment(release.published_at, release.timezone),
        "days": headline.days if headline else 0,
        "net_revenue": formats.money(now.net_revenue if now else Decimal(0), release.currency),
        "change": moved.text if moved else None,
        "open_alerts": len(report.datasets("open_alerts")),
        "spark": [str(formats.rounded(row["net_revenue"], 0)) for row in report.datasets("revenue_daily")[-30:]],
    }
