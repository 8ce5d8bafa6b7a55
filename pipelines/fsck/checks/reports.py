"""The report of the release in force is there."""

import json
from collections.abc import Iterator
from pathlib import Path

from pipelines.fsck.finding import Finding
from pipelines.fsck.home import Home
from serving.reports.archive import FACTS
from serving.reports.publish import PENDING

PAGE = "index.html"


NEEDS_ROWS = False


def find(home: Home) -> Iterator[Finding]:
    """A report that is missing or another release's; one that waits to be shown is a note."""
    release = home.release
    if release is None or home.is_foreign:
        return
    reports, number = home.settings.reports, release.release_id
    # In this order: a newer release's report moves it from the first place to the second.
    for name in (release.as_of.isoformat(), f"{release.as_of}.{number}"):
        if (reports / name / PAGE).is_file() and _is_of(reports / name / FACTS, number):
            return
    if (reports / PENDING / str(number)).is_dir() and not home.is_closed(release.run_id):
        yield Finding(
            "reports", f"reports/{PENDING}/{number}", f"the report of release {number} waits to be shown.",
            "Its run goes on, or died after its commit; the next run shows it.", damage=False, mend="report",
        )  # fmt: skip
        return
    yield Finding(
        "reports", f"reports/{release.as_of}", f"the report of release {number} is not there.",
        "`tillhouse report` or --repair writes it again.", mend="report",
    )  # fmt: skip


def _is_of(facts: Path, number: int) -> bool:
    try:
        return bool(json.loads(facts.read_text(encoding="utf-8"))["release_id"] == number)
    except (OSError, ValueError, KeyError):
        return False
