"""`tillhouse quarantine`: the rows kept out, why, and the way back in."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts.errors import UsageError
from contracts.settings import Settings
from pipelines import console
from pipelines.commands.at import At
from pipelines.output import Format

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from pipelines.quarantine.rows import Filters
    from pipelines.run import Options, Outcome

SHOWN = 20  # rows a terminal is asked to take
Reason = Annotated[str | None, typer.Option("--reason", metavar="CODE", help="Rows with this reason.")]
FromSource = Annotated[str | None, typer.Option("--source", help="Rows of this source.")]
Day = Annotated[
    datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], metavar="LANDING_DATE", help="Rows that landed then.")
]
Run = Annotated[
    str | None, typer.Option("--run", metavar="ID", help="Rows this run found; it may be one that stopped.")
]
All = Annotated[bool, typer.Option("--all", help="Corrected and released rows too.")]


class ListFormat(StrEnum):
    """How the list is written."""

    table = "table"
    csv = "csv"
    json = "json"


def commands(
    settings: Callable[[], Settings], run: "Callable[[Settings, Sequence[date], Options], Outcome]"
) -> typer.Typer:
    """The group of commands, given how settings are found and how a run is composed."""
    app = typer.Typer(help="Rows kept out of the tables: which, why, and the way back in.")

    @app.command("list")
    def list_(
        reason: Reason = None,
        source: FromSource = None,
        day: Day = None,
        run_id: Run = None,
        at: At = None,
        all_: All = False,
        form: Annotated[ListFormat, typer.Option("--format", help="How to write the list.")] = ListFormat.table,
    ) -> None:
        """Rows and the money at risk, by source and reason; with --run everything that run found."""
        from pipelines import output
        from pipelines.quarantine import rows, summary

        found = rows.select(settings(), _filters(reason, source, day, run_id, at, all_ or run_id is not None))
        output.write(_relation(summary.by_reason(found)), Format(form.value))
        (console.out if form is ListFormat.table else console.err).print(summary.totals(found))

    @app.command()
    def show(
        place: Annotated[
            str | None, typer.Argument(metavar="[PLACE]", help="<landing_date>/<source_file>#<row>, as list shows it.")
        ] = None,
        reason: Reason = None,
        source: FromSource = None,
        day: Day = None,
        run_id: Run = None,
        at: At = None,
        all_: All = False,
    ) -> None:
        """Rows as they arrived, each reason in words, and what to do about it."""
        from pipelines.quarantine import rows

        if place is not None:
            found = rows.at(settings(), place, run_id, at)
        else:
            found = rows.select(settings(), _filters(reason, source, day, run_id, at, all_ or run_id is not None))
        for row in found.head(SHOWN).iter_rows(named=True):
            _show(row)
        if found.height > SHOWN:
            console.out.print(f"{SHOWN} of {found.height:,} rows; narrow them down, or `export` them.")
        if found.is_empty():
            console.out.print("No row is kept out.")

    @app.command()
    def export(
        reason: Reason = None,
        source: FromSource = None,
        day: Day = None,
        run_id: Run = None,
        at: At = None,
        all_: All = False,
        to: Annotated[
            Path | None, typer.Option("--to", metavar="DIR_OR_FILE", help="A folder, or for one source a .csv.")
        ] = None,
        force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
    ) -> None:
        """CSVs to mend and to drop into landing again, each row with its reasons beside it."""
        from pipelines.quarantine import export as exporting
        from pipelines.quarantine import rows

        chosen = settings()
        frames = exporting.by_source(chosen, rows.select(chosen, _filters(reason, source, day, run_id, at, all_)))
        if not frames:
            console.err.print("No row is kept out; nothing was written.")
        elif to is not None:
            for path in exporting.write(frames, to, force=force):
                console.err.print(f"{path}: mend it, drop it into a landing folder and run the pipeline", markup=False)
        elif len(frames) == 1:
            [frame] = frames.values()
            typer.echo(exporting.text(frame), nl=False)
        else:
            raise UsageError(
                f"Rows of {', '.join(sorted(frames))} are kept out. Name one with --source, or a folder for a "
                "file each with --to.",
                "to",
            )

    @app.command()
    def release() -> None:
        """Judge every row again by the rules and settings of now, and let in what is good."""
        from pipelines.run import Options

        outcome = run(settings(), [], Options(command="quarantine release", rebuild=True))
        changes = outcome.changes
        kept = 0 if outcome.conservation is None else outcome.conservation["quarantined_rows"].sum()
        let_in = changes.released + changes.let_in
        console.out.print(f"{let_in:,} row{' was' if let_in == 1 else 's were'} let in, {kept:,} are kept out.")

    return app


def _filters(
    reason: str | None, source: str | None, day: datetime | None, run: str | None, at: int | None, every: bool
) -> "Filters":
    from pipelines.quarantine.rows import Filters

    return Filters(reason, source, day.date() if day else None, run, everything=every, at=at)


def _relation(frame: "pl.DataFrame") -> "duckdb.DuckDBPyRelation":
    from lake import spill

    return spill.connect().from_arrow(frame.to_arrow())


def _show(row: dict[str, Any]) -> None:
    from pipelines.quarantine import advice, fields

    corrected = f", corrected by {row['corrected_by']}" if row["corrected_by"] else ""
    console.say(f"{row['place']} ({row['source']}): {row['status']}{corrected}, found by run {row['run_id']}")
    landed = fields.of_row(row["raw"])
    width = max(len(name) for name, _ in landed)
    for name, text in landed:
        console.say(f"  {name:<{width}}  {'' if text is None else text}")
    for code, meaning, todo in advice.explain(row["source"], row["reasons"]):
        console.say(f"  {code}: {meaning} {todo}")
    console.say("")
