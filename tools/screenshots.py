"""Pictures of every page of a report for docs/screenshots: desktop, phone, dark and as printed.

Run it as `uv run python -m tools.screenshots ~/shop/reports/2025-01-15`.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from serving.reports import chromium

TARGET = Path(__file__).parents[1] / "docs" / "screenshots"
LOOKS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 1440}},
    "phone": {"viewport": {"width": 390, "height": 1440}},
    "dark": {"viewport": {"width": 1280, "height": 1440}, "color_scheme": "dark"},
    "printed": {"viewport": {"width": 794, "height": 1123}},
}
SCALE, QUALITY = 0.5, 60


def main() -> None:
    """Take them all anew."""
    folder = Path(sys.argv[1]).absolute()
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        for look, how in LOOKS.items():
            context = browser.new_context(device_scale_factor=SCALE, **how)
            for file in sorted(folder.glob("*.html")):
                page = context.new_page()
                page.goto(file.as_uri())
                _ready(page, printed=look == "printed")
                page.screenshot(path=TARGET / f"{file.stem}-{look}.jpeg", type="jpeg", quality=QUALITY)
                page.close()
        browser.close()


def _ready(page: Page, *, printed: bool) -> None:
    if page.locator(".plot").count():
        page.wait_for_selector("html[data-drawn]", state="attached")
    if printed:
        page.emulate_media(media="print")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        page.wait_for_timeout(500)


if __name__ == "__main__":
    main()
