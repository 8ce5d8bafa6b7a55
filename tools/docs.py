"""Writes the generated pages under docs/."""

from pathlib import Path

from contracts.dictionary import PAGES

DOCS = Path(__file__).parents[1] / "docs"


def main() -> None:
    """Write each page."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
