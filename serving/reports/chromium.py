"""A Chromium of this computer, which opens a page of a report without a window."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from contracts.errors import InfrastructureError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
SECONDS = 120  # for one page, on a slow computer
_DRAWN_MS = 60_000  # of the page's own time, which passes as fast as it can draw


def find() -> str | None:
    """Where it is; None where there is none."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def opened(page: Path, *wanted: str, fragment: str = "") -> bytes:
    """Opens a page with the flags `wanted`, and returns what the browser said.

    Raises InfrastructureError where no Chromium is installed, or where it fails or takes over SECONDS.
    """
    browser = find()
    if browser is None:
        raise InfrastructureError(
            "No Chromium is installed, so nothing can be drawn. Install chromium or Google Chrome, or open the page in "
            "your own browser: it prints to PDF, and each chart has buttons for PNG and SVG."
        )
    with tempfile.TemporaryDirectory() as profile:
        command = [
            browser,
            "--headless",
            "--no-sandbox",  # our own file, without a network; the sandbox refuses root
            "--disable-gpu",
            f"--virtual-time-budget={_DRAWN_MS}",
            f"--user-data-dir={profile}",
            *wanted,
            page.absolute().as_uri() + fragment,
        ]
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired as error:
            raise InfrastructureError(f"{browser} did not draw {page} within {SECONDS} s.") from error
    if done.returncode:
        raise InfrastructureError(f"{browser} could not draw {page} (exit {done.returncode}).")
    return done.stdout
