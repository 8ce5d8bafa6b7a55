"""The scripts and styles that all reports share, under names that hold a hash of their content.

A newer version gets a new name beside the old one, so that a page keeps what it was written with.
"""

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from plotly.offline import get_plotlyjs

from serving.reports.files import write_once

FOLDER = "assets"


@cache
def _contents() -> dict[str, tuple[str, bytes]]:
    """By logical name: the file name and the bytes."""
    own = files("serving.reports").joinpath("assets")
    found = {item.name: item.read_bytes() for item in own.iterdir() if item.name.endswith((".css", ".js"))}
    found["plotly.min.js"] = _unwrapped(get_plotlyjs()).encode()
    return {name: (_hashed_name(name, content), content) for name, content in sorted(found.items())}


def _unwrapped(plotly: str) -> str:
    """The library as a plain script, out of the function for module loaders that browsers would parse it twice for.

    A quarter of its start (2.0 s, 1.5 s), which is most of a page's. As it is, where it is built otherwise.
    """
    begin, end = plotly.find('"use strict";var Plotly='), plotly.rfind("return Plotly;")
    head = plotly[: plotly.find("*/") + 2]
    return f"{head}\n{plotly[begin:end]}" if 0 <= begin < end and head.startswith("/**") else plotly


def _hashed_name(name: str, content: bytes) -> str:
    stem, dot, ending = name.partition(".")
    return f"{stem}-{hashlib.sha256(content).hexdigest()[:12]}{dot}{ending}"


def asset_names() -> dict[str, str]:
    """The file name of each asset by its logical name, such as `report.css`."""
    return {name: hashed for name, (hashed, _) in _contents().items()}


def write_assets(reports: Path) -> None:
    """Puts every asset that is missing into `reports/assets/`."""
    for name, content in _contents().values():
        write_once(reports / FOLDER / name, content)
