"""What a run asks of the world around it; `pipelines/cli.py` hands these in.

So the making of tables knows nothing of how the database keeps books (`serving/run_records.py`) and
publishes (`serving/publish.py`).
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from lake.release import Release


@dataclass(frozen=True)
class Step:
    """What a finished step did: one row of quality.run_steps."""

    name: str
    rows_in: int  # this run's in bronze; in silver and gold all there are
    rows_out: int  # likewise
    quarantined: int  # rows this run newly kept out
    seconds: float


class Records(Protocol):
    """The books: who runs, and what each run did."""

    def prepare(self, lake_id: str) -> None:
        """Make the books ready. Raises ForeignDatabase where they are another home's."""

    def writing(self, *, wait: bool) -> AbstractContextManager[None]:
        """Hold the one writer's lock. Raises RunInProgress where another holds it and `wait` is false."""

    def start(self, run_id: str, command: str, now: datetime) -> bool:
        """Open a run's record; was another one open, whose run is taken for dead and can publish no more."""

    def finish(
        self,
        run_id: str,
        status: str,
        now: datetime,
        *,
        release_id: int | None,
        as_of: date | None,
        message: str | None,
    ) -> None:
        """Close it."""

    def steps(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add rows of quality.run_steps."""

    def checks(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add rows of quality.check_results."""

    def quarantine(self, rows: Sequence[dict[str, Any]]) -> None:
        """Keep the quarantined rows of a run that stops: rows of silver.quarantine."""

    def rejected(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add rows of bronze.rejected_files; the same file again is no news."""

    def rejected_hashes(self) -> dict[tuple[date, str], set[str]]:
        """The contents rejected so far, by (landing date, file name)."""

    def take_up(self, days: Sequence[date]) -> None:
        """Note the landing folders that this run is to load, and those to follow it."""

    def close(self, days: Sequence[date]) -> None:
        """Note that nothing is left to load of these landing folders."""

    def open_folders(self) -> list[date]:
        """The landing folders taken up and not closed, in order: of runs that stopped or died."""


class Publisher(Protocol):
    """Brings Postgres and the reports to a release; a run whose place another took may not."""

    def recover(self, base: Release | None) -> None:
        """Finish what a run that died after its commit left undone, and drop what was never committed."""

    def publish(self, base: Release | None, release: Release, *, whole: bool = False) -> tuple[int, int]:
        """Publish in one commit; returns rows compared and rows written. Raises ReleaseConflict.

        `whole` compares every served row, because the files of `base` may not be readable.
        """

    def mend(self, release: Release, run_id: str) -> tuple[int, int]:
        """Make what is served exactly the release in force, as `publish` does."""

    def show(self, release: Release) -> None:
        """Show what was written aside for a release that is committed."""


class Progress(Protocol):
    """Whoever watches the run."""

    def begins(self, step: str) -> None:
        """A step begins."""

    def says(self, text: str) -> None:
        """Something to know before it happens."""

    def ends(self, step: Step) -> None:
        """A step has ended."""
