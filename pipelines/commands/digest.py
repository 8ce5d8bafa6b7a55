"""`tillhouse digest`: the headline figures of a report to mail or chat."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer

from contracts.errors import UsageError
from contracts.settings import Settings
from pipelines import console


def command(settings: Callable[[], Settings]) -> Callable[..., None]:
    """The command, given how settings are found."""

    def digest(
        day: Annotated[
            datetime | None, typer.Argument(metavar="[DATE]", formats=["%Y-%m-%d"], help="The date of a report.")
        ] = None,
    ) -> None:
        """Send the headline figures of the newest report, or of a date's, to mail or chat."""
        from serving.reports import digest as digests
        from serving.reports.archive import FACTS

        chosen = settings()
        written = sorted(file.parent for file in chosen.reports.glob(f"????-??-??/{FACTS}"))
        wanted = [folder for folder in written if day is None or folder.name == day.date().isoformat()]
        if not wanted:
            raise UsageError(f"There is no report{f' of {day:%Y-%m-%d}' if day else ''} to tell of.", "date")
        facts = json.loads((wanted[-1] / FACTS).read_text(encoding="utf-8"))
        title, text = digests.message(facts, digests.place(wanted[-1], chosen.reports_url))
        sent = digests.send(chosen.digest_urls, title, text)
        console.say(f"{title}: sent to {sent} of {sent}.")

    return digest
