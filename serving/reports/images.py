"""A report's charts as PNG and SVG: the page lays them into itself, the browser hands it over."""

import base64
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

from contracts.errors import InfrastructureError
from serving.reports import chromium

FOLDER = "images"
_IMAGE = re.compile(rb'<img data-file="([\w.]+)" src="data:image/[\w+]+(;base64)?,([^"]*)">')


def write_images(folder: Path) -> list[Path]:
    """Writes each chart of a report's folder to `images/<chart>.png` and `.svg` in it, as the page opens.

    Raises InfrastructureError where no Chromium is installed or it fails.
    """
    found = [image for page in sorted(folder.glob("*.html")) for image in _of(page)]
    (folder / FOLDER).mkdir(exist_ok=True)
    written = []
    for name, content in found:
        written.append(folder / FOLDER / name)
        written[-1].write_bytes(content)
    return written


def _of(page: Path) -> list[tuple[str, bytes]]:
    if 'class="plot"' not in page.read_text(encoding="utf-8"):
        return []
    laid = chromium.opened(page, "--dump-dom", fragment="#images")
    if b"data-laid" not in laid:
        raise InfrastructureError(f"The browser did not draw the charts of {page}.")
    return [
        (name.decode(), base64.b64decode(text) if coded else unquote_to_bytes(text.replace(b"&amp;", b"&")))
        for name, coded, text in _IMAGE.findall(laid)
    ]
