"""The archive: all reports of a home, newest first, from the `report.json` beside each."""

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from serving.reports.assets import asset_names
from serving.reports.embed import safe_json
from serving.reports.files import write_durably
from serving.reports.render import environment

FACTS = "report.json"  # what the archive says of a report, in its folder
_FOLDER = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.(\d+))?")
_WIDTH, _HEIGHT = 120, 32


@dataclass(frozen=True)
class Entry:
    """One as-of date: what its newest report says, and the ones that it replaced."""

    as_of: date
    folder: str
    facts: dict[str, Any]
    spark: str  # points of an SVG polyline
    replaced: tuple[dict[str, Any], ...]


def write_archive(reports: Path) -> None:
    """Writes `reports/index.html` anew, whole or not at all; leaves it untouched where nothing changed."""
    entries = _entries(reports)
    page = (
        environment()
        .get_template("archive.html.j2")
        .render(
            entries=entries,
            assets=asset_names(),
            width=_WIDTH,
            height=_HEIGHT,
            changes=safe_json(sorted((_changes(facts) for facts in _all(entries)), key=lambda item: item["release"])),
        )
    )
    index, content = reports / "index.html", page.encode()
    if not index.exists() or index.read_bytes() != content:
        write_durably(index, content)


def _entries(reports: Path) -> list[Entry]:
    newest: dict[str, dict[str, Any]] = {}
    replaced: dict[str, list[dict[str, Any]]] = {}
    for folder in sorted(reports.iterdir()):
        name = _FOLDER.fullmatch(folder.name)
        if name is None or not (folder / FACTS).exists():
            continue
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        if name[2] is None:
            newest[name[1]] = facts
        else:
            replaced.setdefault(name[1], []).append(facts | {"folder": folder.name})
    return [
        Entry(
            as_of=date.fromisoformat(day),
            folder=day,
            facts=facts,
            spark=_points([float(value) for value in facts["spark"]]),
            replaced=tuple(sorted(replaced.get(day, []), key=lambda item: int(item["release_id"]), reverse=True)),
        )
        for day, facts in sorted(newest.items(), reverse=True)
    ]


def _all(entries: list[Entry]) -> list[dict[str, Any]]:
    return [facts for entry in entries for facts in ({"folder": entry.folder} | entry.facts, *entry.replaced)]


def _changes(facts: dict[str, Any]) -> dict[str, Any]:
    """What the page needs of a report to tell two of them apart."""
    return {
        "release": facts["release_id"],
        "folder": facts["folder"],
        "net": facts["net_revenue"],
        "days": facts["days"],
        # A report of an earlier version has none.
        "restated": facts.get("restated", []),
        "separators": facts.get("separators", [",", "."]),
    }


def _points(values: list[float]) -> str:
    """The values as a line that fills the box, zero at its foot where none is negative."""
    if len(values) < 2:
        return ""
    low, high = min(0.0, *values), max(values)
    scale = (_HEIGHT - 4) / (high - low) if high > low else 0.0
    step = (_WIDTH - 4) / (len(values) - 1)
    return " ".join(
        f"{2 + index * step:.1f},{_HEIGHT - 2 - (value - low) * scale:.1f}" for index, value in enumerate(values)
    )
