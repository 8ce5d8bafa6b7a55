"""`tillhouse backup` and `tillhouse restore`: the whole home as one file, and back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.settings import Settings
from pipelines import console

if TYPE_CHECKING:
    from pipelines.backup.backup import Progress

File = Annotated[Path, typer.Argument(metavar="FILE", help="Ends in .tar.zst or .tar.gz.")]
_EVERY = 256 * 2**20  # bytes between two lines where there is no terminal


def backup(settings: Callable[[], Settings]) -> Callable[..., None]:
    """The command, given how settings are found."""

    def backup(file: File) -> None:
        """Write the whole home, as of the release in force, to one file; runs and readers go on meanwhile."""
        from pipelines.backup.backup import back_up
        from serving import postgres

        chosen = settings()
        with _progress() as progress:
            done = back_up(chosen, postgres.engine(chosen), file.expanduser().absolute(), progress)
        for name in done.vanished:
            console.err.print(f"gone before its turn, so not in the backup: {name}", markup=False)
        manifest = done.manifest
        console.out.print(
            f"Release {manifest.release_id}, as of {manifest.as_of}: {len(manifest.files):,} files, "
            f"{sum(member.bytes for member in manifest.files) / 2**20:,.1f} MiB, in {file} "
            f"({done.bytes / 2**20:,.1f} MiB). It holds personal data: only its owner can read it.",
            markup=False,
        )

    return backup


def restore(settings: Callable[[], Settings]) -> Callable[..., None]:
    """The command, given how settings are found."""

    def restore(file: File) -> None:
        """Make the home that TILLHOUSE_HOME names, empty or absent, from a backup."""
        from pipelines.backup.restore import restore as make

        chosen = settings()
        with _progress() as progress:
            manifest = make(chosen, file.expanduser().absolute(), progress)
        console.out.print(
            f"Release {manifest.release_id}, as of {manifest.as_of}, is in {chosen.home}, as backed up at "
            f"{manifest.created_at}. `tillhouse status` shows it; landing folders of later days can be loaded now.",
            markup=False,
        )

    return restore


@contextmanager
def _progress() -> "Iterator[Progress]":
    """A live line on a terminal, plain lines elsewhere."""
    from rich.progress import DownloadColumn, SpinnerColumn, TextColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    from pipelines.backup.backup import Progress

    if console.err.is_terminal:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), DownloadColumn(), TransferSpeedColumn())
        with Bar(*columns, console=console.err, transient=True) as bar:
            task = bar.add_task("")
            yield Progress(lambda part: bar.update(task, description=part), lambda more: bar.advance(task, more))
        return
    done = [0, 0]  # bytes, and lines about them

    def add(more: int) -> None:
        done[0] += more
        if done[0] // _EVERY > done[1]:
            done[1] = done[0] // _EVERY
            console.err.print(f"{done[0] / 2**20:,.0f} MiB")

    yield Progress(lambda part: console.err.print(part, markup=False), add)
