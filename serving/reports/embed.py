"""What a page carries inside itself: rows by column as JSON, cubes as packed integers, and the hash of both."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from serving.reports import formats
from serving.reports.model import Chart, ChartSpec, ViewSpec
from serving.reports.query import Row
from serving.reports.release import Release


def page_data(
    release: Release,
    charts: dict[str, tuple[ChartSpec, Chart]],
    views: dict[str, ViewSpec],
    dataset: Callable[[str], list[Row]],
    cubes: dict[str, Any],
) -> str:
    """The page's data as JSON that is safe inside a script element; each dataset once, by column."""
    digits = formats.minor_digits(release.currency)
    used = sorted({spec.dataset for spec, _ in charts.values()})
    return safe_json(
        {
            "asOf": release.as_of.isoformat(),
            "release": release.release_id,
            "currency": release.currency,
            "digits": digits,
            "separators": formats.separators(),
            "datasets": {name: _columns(dataset(name), digits) for name in used},
            "charts": {stem: _chart(spec, chart) for stem, (spec, chart) in charts.items()},
            "views": {
                stem: {"kind": view.kind, "measures": view.measures, "by": view.by, "options": dict(view.options)}
                for stem, view in views.items()
            },
            **cubes,
        }
    )


def data_hash(data: str, packed: str) -> str:
    """SHA-256 of what a page carries, as the page computes it again from its own script elements."""
    return hashlib.sha256(f"{data}\n{packed}".encode()).hexdigest()


def safe_json(value: Any) -> str:
    """JSON that cannot end the script element it stands in."""
    dumped = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return dumped.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _chart(spec: ChartSpec, chart: Chart) -> dict[str, Any]:
    return {
        "dataset": spec.dataset,
        "ranged": spec.ranged,
        "answer": chart.answer.title,
        "summary": chart.answer.summary,
        "columns": [asdict(column) for column in chart.columns],
        "traces": chart.traces,
        "layout": chart.layout,
        "limit": chart.limit,
    }


def _columns(rows: list[Row], digits: int) -> dict[str, list[Any]]:
    return {name: [_plain(row[name], digits) for row in rows] for name in (rows[0] if rows else ())}


def _plain(value: Any, digits: int) -> Any:
    """Money as a decimal string of the currency's digits, dates as ISO text."""
    if isinstance(value, Decimal):
        return str(formats.rounded(value, digits))
    if isinstance(value, date):
        return value.isoformat()
    return value
