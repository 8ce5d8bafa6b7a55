"""`tillhouse report`: the pages of the release in force again, also as PDF and pictures."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import UsageError
from contracts.settings import Settings
from pipelines import console
from pipelines.commands import writer


def command(settings: Callable[[], Settings]) -> Callable[..., None]:
    """The command, given how settings are found."""

    def report(
        day: Annotated[
            datetime | None, typer.Argument(metavar="[DATE]", formats=["%Y-%m-%d"], help="The report of that date.")
        ] = None,
        pdf: Annotated[bool, typer.Option("--pdf", help="Print each page as PDF beside it, by a Chromium.")] = False,
        images: Annotated[
            bool, typer.Option("--images", help="Write each chart as PNG and SVG, by a Chromium.")
        ] = False,
    ) -> None:
        """Write the HTML report of the release in force again, and say where it is."""
        folder = _written(settings(), day.date() if day else None)
        if pdf:
            from serving.reports.pdf import write_pdfs

            write_pdfs(folder)
        if images:
            from serving.reports.images import write_images

            write_images(folder)
        console.out.print((folder / "index.html").as_uri())

    return report


def _written(settings: Settings, day: date | None) -> Path:
    """The report of the release in force, written anew, or the one that stands at another date."""
    from lake import identity
    from lake import release as releases
    from pipelines import turn

    with writer.opened(settings) as (records, publisher):
        records.prepare(identity.of(settings))
        with records.writing(wait=True):
            release = releases.current(settings)
            turn.finish(settings, publisher, release)
            if release is not None and day in {None, release.as_of}:
                return publisher.write_report(release)
    standing = settings.reports / str(day)
    if day is None or not standing.exists():
        raise UsageError(f"There is no release{f' as of {day}' if day else ''} to report on.", "date")
    return standing
