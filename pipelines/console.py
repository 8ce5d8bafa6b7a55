"""What a person at the terminal sees of a run: progress, the run log, and one paragraph for an error."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from contracts.errors import InfrastructureError, TillhouseError, UsageError

if TYPE_CHECKING:  # a run pulls in every engine; an error message needs none
    import typer

    from pipelines.landing.folder import LandedFile
    from pipelines.ports import Step
    from pipelines.run import Outcome

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


_NO_DATE = re.compile(r"(?:Value error, )?('[^']*') does not match the formats? '%Y-%m-%d'")
_DISK = frozenset({errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM})  # it takes no file
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def say(line: str) -> None:
    """A line on standard output, with what a terminal would take for a command spelt out."""
    out.print(_CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", line), markup=False)


@dataclass
class PlainProgress:
    """A line a step, for logs and cron."""

    def begins(self, step: str) -> None:
        """Say nothing: a line that ends is enough in a log."""

    def says(self, text: str) -> None:
        """One line."""
        err.print(text, markup=False)

    def ends(self, step: Step) -> None:
        """One line."""
        err.print(f"{step.name}: {_counts(step)}, {step.seconds:.1f} s")


@dataclass
class BarProgress:
    """A live line on a terminal."""

    bar: Bar

    def begins(self, step: str) -> None:
        """Show the step as under way."""
        self.bar.add_task(step, total=None)

    def says(self, text: str) -> None:
        """A line above the live ones."""
        self.bar.console.print(text, markup=False)

    def ends(self, step: Step) -> None:
        """Tick it off."""
        task = self.bar.task_ids[-1]
        self.bar.update(task, total=1, completed=1, description=f"{step.name}  [dim]{_counts(step)}[/dim]")


@contextmanager
def progress() -> Iterator[PlainProgress | BarProgress]:
    """A live display on a terminal, plain lines elsewhere."""
    if not err.is_terminal:
        yield PlainProgress()
        return
    columns = (SpinnerColumn(finished_text="[green]✓[/green]"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=err) as bar:
        yield BarProgress(bar)


def _counts(step: Step) -> str:
    bad = f", {step.quarantined:,} quarantined" if step.quarantined else ""
    return f"{step.rows_in:,} in, {step.rows_out:,} out{bad}"


def show_outcome(outcome: Outcome, reports: Path) -> None:
    """The run log: steps, conservation, and all that wants a look."""
    _warnings(outcome)
    if outcome.status == "nothing_new":
        out.print(f"Run {outcome.run_id}: nothing new to load; every table is as it was.")
        return
    log = Table(title=f"Run {outcome.run_id}", title_justify="left")
    log.add_column("step")
    for name in ("rows in", "rows out", "quarantined", "seconds"):
        log.add_column(name, justify="right")
    for step in outcome.steps:
        log.add_row(
            step.name, f"{step.rows_in:,}", f"{step.rows_out:,}", f"{step.quarantined:,}", f"{step.seconds:.2f}"
        )
    out.print(log)
    if outcome.conservation is not None:
        out.print(_conservation(outcome))
    if became := _became(outcome):
        out.print(became)
    if restated := _restated(outcome):
        out.print(restated)
    if outcome.release is not None:
        out.print(f"Release {outcome.release.release_id}, as of {outcome.release.as_of}, is published.")
        out.print(f"The report: {(reports / str(outcome.release.as_of) / 'index.html').as_uri()}", markup=False)


def _conservation(outcome: Outcome) -> Table:
    table = Table(title="Every landed row", title_justify="left")
    table.add_column("source")
    for name in ("bronze", "= current", "+ superseded", "+ quarantined"):
        table.add_column(name, justify="right")
    if outcome.conservation is not None:
        for source, *counts in outcome.conservation.rows():
            table.add_row(source, *(f"{count:,}" for count in counts))
    return table


def _became(outcome: Outcome) -> str:
    """What became of rows quarantined before: `3 rows corrected, 2 released (their parent landed)`."""
    changes = outcome.changes
    counts = (
        (changes.corrected, "corrected"),
        (changes.released, "released (their parent landed)"),
        (changes.let_in, "let in (their file, another row or a setting changed)"),
    )
    said = [(count, what) for count, what in counts if count]
    if not said:
        return ""
    (first, what), *rest = said
    rows = "row" if first == 1 else "rows"
    return ", ".join([f"{first:,} {rows} {what}", *(f"{count:,} {what}" for count, what in rest)])


def _restated(outcome: Outcome) -> str:
    """What the release changes of days already published: `6 figures of 2 published days restated (return)`."""
    rows = outcome.restated
    if rows is None or rows.is_empty():
        return ""
    days = rows["date"].unique().sort()
    span = f"{days[0]}" if len(days) == 1 else f"{len(days)} published days, {days[0]} to {days[-1]},"
    causes = ", ".join(rows["causes"].explode().drop_nulls().unique().sort())
    return f"{rows.height:,} figures of {span} restated ({causes}); gold.fct_restatements lists them"


def _warnings(outcome: Outcome) -> None:
    for file, reason in outcome.rejected:
        warn("rejected", f"{file.label}: {reason}. Its bytes are kept under rejected/.")
    show_passed_over(outcome.left, outcome.ignored)
    if outcome.unloaded:
        first, last = outcome.unloaded[0], outcome.unloaded[-1]
        warn(
            "not loaded",
            f"{', '.join(map(str, outcome.unloaded))}: a run stopped there. Load it by `tillhouse pipeline "
            + (f"{first}`" if first == last else f"--from {first} --to {last}`")
            + f", or leave a folder out for good by `tillhouse pipeline {first} --skip`.",
        )
    for what, files in outcome.drift.items():
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        warn("columns", f"{what} ({files[0]}{more})")
    if outcome.newly:
        from pipelines.silver import quarantine

        warn("warning", quarantine.in_words(outcome.newly, outcome.run_id))
    for result in outcome.checked:
        if result.status == "failed" and not result.blocks:
            warn("check", f"{result.check_name} of {result.table_name}: {result.observed}")


def show_passed_over(left: Sequence[tuple[LandedFile, str]], ignored: Sequence[str]) -> None:
    """Files a run does not read now, and names (`<landing_date>/<name>`) it never will."""
    for file, reason in left:
        warn("left", f"{file.label}: {reason}")
    for name in ignored:
        warn("ignored", f"{name}: not a file named .csv or .csv.gz")


def show_retries(told: Sequence[str]) -> None:
    """What was tried again, below the run log."""
    for each in told:
        warn("retried", each)


def warn(what: str, said: str) -> None:
    """A line on standard error that wants a look."""
    err.print(f"[yellow]{what}[/yellow] {escape(said)}")


def mistyped(said: str, context: typer.Context | None) -> UsageError:
    """What is wrong with a command line, in typer's words where they are clear; names the help of its command."""
    said = _NO_DATE.sub(r"\1 is no date; write it YYYY-MM-DD", said.removesuffix("."))
    end = "" if said.endswith("?") else "."
    return UsageError(f"{said}{end} `{context.command_path if context else 'tillhouse'} --help` says what there is.")


def in_words(error: Exception) -> InfrastructureError:
    """What no code of ours expected, as one paragraph."""
    if isinstance(error, OSError) and error.errno in _DISK and error.filename:
        file = Path(os.fsdecode(error.filename))
        # A file that begins with a dot is one being made, whose name says nothing to anybody.
        place = file.parent if file.name.startswith(".") else file
        return InfrastructureError(
            f"{place} cannot be written: {error.strerror}. Free or mend the disk or its permissions, or name another "
            "place, and run the command again."
        )
    said = " ".join(f"{type(error).__name__}: {error}".split())
    if isinstance(error, OSError | MemoryError):
        return InfrastructureError(f"{said.rstrip('.')}. Mend that and run the command again.")
    return InfrastructureError(
        f"Nobody foresaw this: {said.rstrip('.')}. What is published stays as it is. Run the same command again; where "
        "it ends alike, `tillhouse --debug` with that command shows the place to report."
    )


def show_error(error: TillhouseError) -> None:
    """One paragraph on standard error."""
    err.print(f"[red]tillhouse:[/red] {escape(str(error))}")
