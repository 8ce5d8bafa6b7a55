"""Queries: every figure's SQL, so that a reader can ask the database the same."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from serving import query_files
from serving.reports.model import ChartSpec, PageSpec
from serving.reports.periods import Periods
from serving.reports.query import QUERIES, Row
from serving.reports.release import Release


@dataclass(frozen=True)
class Query:
    """One query of the reports: what it says of itself, what it reads, and what it stands behind."""

    stem: str
    head: str
    sql: str
    tables: list[str]
    visuals: list[str]


def catalogue() -> list[Query]:
    """All queries of the reports, by name."""
    from serving.reports.render import visuals

    behind: dict[str, list[str]] = {}
    for visual in visuals().values():
        stem = visual.dataset if isinstance(visual, ChartSpec) else f"cube_{visual.options.get('cube', 'sales')}"
        behind.setdefault(stem, []).append(visual.question)
    stems = sorted(path.stem for path in QUERIES.glob("*.sql"))
    return [_query(stem, query_files.read(QUERIES, stem), behind.get(stem, [])) for stem in stems]


def _query(stem: str, text: str, visuals: list[str]) -> Query:
    lines = text.splitlines()
    count = next((index for index, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return Query(
        stem,
        " ".join(line.removeprefix("--").strip() for line in lines[:count]),
        "\n".join(lines[count:]),
        sorted(set(re.findall(r"(?:serving|lakehouse)\.\w+", text))),
        visuals,
    )


def context(_release: Release, _periods: Periods, _dataset: Callable[[str], list[Row]]) -> dict[str, Any]:
    """The catalogue."""
    return {"queries": catalogue()}


PAGE = PageSpec(order=90, title="Queries", template="queries.html.j2", context=context)
