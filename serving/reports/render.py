"""Renders every page of a release: pages, charts and views are found by their files."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import jinja2
from sqlalchemy import Connection

from serving.reports import charts, formats, pages
from serving.reports.assets import asset_names
from serving.reports.cubes import Cubes
from serving.reports.embed import data_hash, page_data
from serving.reports.exports import CSVS, SUMS, WORKBOOK, csv_archive, workbook
from serving.reports.model import Chart, ChartSpec, Empty, Legend, PageSpec, Source, ViewSpec
from serving.reports.periods import Periods, read_periods
from serving.reports.query import Row, fetch, keep
from serving.reports.release import Release

FIRST_PAGE = "overview"  # becomes index.html
# Later scripts use what earlier ones define; the kinds of visuals stand before the script that draws.
_SCRIPTS = ("format.js", "measures.js", "data.js", "state.js", "filters.js", "table.js", "theme.js", "rows.js")


@dataclass(frozen=True)
class Card:
    """A visual with its place on a page, ready for the template; with `empty` there is nothing to draw."""

    stem: str
    question: str
    wide: bool
    empty: str = ""
    answer: str = ""
    summary: str = ""
    unit: str = ""
    note: str = ""
    height: int = 280
    legend: tuple[Legend, ...] = ()
    query: str = ""
    unfiltered: bool = False


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
        self.read: dict[str, list[Row]] = {}

    def __call__(self, stem: str) -> list[Row]:
        if stem not in self.read:
            self.read[stem] = self.fetch(stem)
        return self.read[stem]

    def fetch(self, stem: str, **parameters: Any) -> list[Row]:
        return fetch(self._connection, stem, as_of=self._release.as_of, **parameters)


@cache
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
    cubes: Cubes
    visuals: dict[str, ChartSpec | ViewSpec]
    menu: list[dict[str, str]]


def render(connection: Connection, release: Release) -> Rendered:
    """All pages of a release, read through the open connection; same data and release, same bytes."""
    keep(connection, as_of=release.as_of)
    datasets = _Datasets(connection, release)
    specs: dict[str, PageSpec] = _found(pages.__path__, pages.__name__, ("PAGE",))
    menu = [
        {"stem": stem, "title": spec.title, "href": _file_name(stem)}
        for stem, spec in sorted(specs.items(), key=lambda item: (item[1].order, item[0]))
    ]
    periods = read_periods(datasets("period_totals"))
    report = _Report(release, periods, datasets, Cubes(datasets.fetch, release.as_of), visuals(), menu)
    files, hashes = {}, {}
    for stem, spec in specs.items():
        page, hashes[_file_name(stem)] = _page(stem, spec, report)
        files[_file_name(stem)] = page.encode()
    facts = _facts(report)  # read before the exports, which hold all that was read
    files |= {WORKBOOK: workbook(datasets.read, release), CSVS: csv_archive(datasets.read)}
    sums = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    return Rendered(files | {SUMS: sums.encode()}, facts | {"data_hashes": hashes})


def visuals() -> dict[str, ChartSpec | ViewSpec]:
    """Every visual of the reports by its file's stem, in the order in which pages show them."""
    found: dict[str, ChartSpec | ViewSpec] = _found(charts.__path__, charts.__name__, ("CHART", "VIEW"))
    return dict(sorted(found.items(), key=lambda item: (item[1].order, item[0])))


def _found(path: Any, package: str, names: tuple[str, ...]) -> dict[str, Any]:
    modules = {item.name: import_module(f"{package}.{item.name}") for item in iter_modules(path)}
    return {
        stem: getattr(module, name)
        for stem, module in sorted(modules.items())
        for name in names
        if hasattr(module, name)
    }


def _file_name(stem: str) -> str:
    return "index.html" if stem == FIRST_PAGE else f"{stem}.html"


def _page(stem: str, spec: PageSpec, report: _Report) -> tuple[str, str]:
    """The page and the hash of its data."""
    release, own = report.release, {name: one for name, one in report.visuals.items() if one.page == stem}
    described, packed = report.cubes.packed(spec.cubes) if spec.cubes else ({}, "")
    filtered = bool(described.get("cubes"))
    views = {name: one for name, one in own.items() if isinstance(one, ViewSpec)} if filtered else {}
    drawn, cards = {}, []
    for name, one in own.items():
        if isinstance(one, ViewSpec):
            cards.append(_view_card(name, one, spec, release, filtered))
            continue
        built = one.build(Source(release, report.datasets(one.dataset), report.periods))
        cards.append(_chart_card(name, one, built))
        if isinstance(built, Chart):
            drawn[name] = (one, built)
    data = page_data(release, drawn, views, report.datasets, described)
    found = data_hash(data, packed)
    return (
        environment()
        .get_template(spec.template)
        .render(
            page=spec,
            stem=stem,
            menu=report.menu,
            release=release,
            published=formats.moment(release.published_at, release.timezone),
            cards=cards,
            filtered=filtered,
            assets=asset_names(),
            scripts=_scripts(bool(cards)),
            data=data,
            data_hash=found,
            packed=packed if filtered else "",
            **spec.context(release, report.periods, report.datasets),
        ),
        found,
    )


def _scripts(drawing: bool) -> tuple[str, ...]:
    kinds = tuple(name for name in asset_names() if name.startswith("kind-"))
    return (*_SCRIPTS, *kinds, "totals.js", "report.js", "age.js", "verify.js") if drawing else ("verify.js",)


def _view_card(stem: str, spec: ViewSpec, page: PageSpec, release: Release, filtered: bool) -> Card:
    if not filtered:
        return Card(stem, spec.question, spec.wide, empty="No orders yet. This shows from the first day with one.")
    return Card(
        stem,
        spec.question,
        spec.wide,
        answer="Adding up\N{HORIZONTAL ELLIPSIS}",
        summary=spec.question,
        unit=release.currency if spec.options.get("money", True) else "",
        note=spec.note,
        height=spec.height,
        query=f"cube_{spec.options.get('cube', page.cubes[0])}",
    )


def _chart_card(stem: str, spec: ChartSpec, built: Chart | Empty) -> Card:
    if isinstance(built, Empty):
        return Card(stem, spec.question, spec.wide, empty=built.message)
    return Card(
        stem,
        spec.question,
        spec.wide,
        answer=built.answer.title,
        summary=built.answer.summary,
        unit=built.unit,
        note=built.note,
        height=built.height,
        legend=built.legend,
        query=spec.dataset,
        unfiltered=not spec.ranged,
    )


def _facts(report: _Report) -> dict[str, Any]:
    """What the archive shows of a report; its `report.json`."""
    release, headline = report.release, report.periods.headline
    now, before = (headline.now, headline.before) if headline else (None, None)
    moved = formats.change(now.net_revenue, before.net_revenue) if now and before else None
    return {
        "as_of": release.as_of.isoformat(),
        "release_id": release.release_id,
        "separators": formats.separators(),
        "published": formats.moment(release.published_at, release.timezone),
        "days": headline.days if headline else 0,
        "net_revenue": formats.money(now.net_revenue if now else Decimal(0), release.currency),
        "change": moved.text if moved else None,
        "open_alerts": len(report.datasets("open_alerts")),
        "restated": [
            {"date": row["date"].isoformat(), "was": row["old_value"], "now": row["new_value"], "why": row["causes"]}
            for row in report.datasets.fetch("restated_dates", release_id=release.release_id)
        ],
        "spark": [str(formats.rounded(row["net_revenue"], 0)) for row in report.datasets("revenue_daily")],
    }
