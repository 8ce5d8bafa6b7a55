"""A report's pages as PDF."""

from pathlib import Path

from contracts.errors import InfrastructureError
from serving.reports import chromium


def write_pdfs(folder: Path) -> list[Path]:
    """Prints each page of a report's folder to `<page>.pdf` beside it, in the print style.

    Raises InfrastructureError where no Chromium is installed or it fails.
    """
    return [_print(page) for page in sorted(folder.glob("*.html"))]


def _print(page: Path) -> Path:
    target = page.with_suffix(".pdf")
    chromium.opened(page, "--no-pdf-header-footer", f"--print-to-pdf={target.absolute()}")
    if not target.exists():
        raise InfrastructureError(f"The browser wrote no {target}.")
    return target
