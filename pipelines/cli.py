"""The command line. The one place that knows both the making of tables and their serving."""

import os
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from traceback import format_exception
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.errors import TillhouseError, UsageError
from contracts.settings import Settings, load_settings
from pipelines import console, logs, memory
from pipelines.commands import (
    api_key,
    backup,
    db,
    digest,
    explain,
    fsck,
    lineage,
    maintain,
    publish,
    quarantine,
    report,
    serve,
    writer,
)
from pipelines.commands.at import At
from pipelines.output import Format

if TYPE_CHECKING:
    from lake.release import Release
    from pipelines.plan import Plan
    from pipelines.run import Options, Outcome

app = typer.Typer(
    name="tillhouse",
    help="A lakehouse for online shops: raw CSVs in, checked figures out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Date = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
DEMO_HOME = Path("demo-data")
INTERRUPTED = 130


def _version(asked: bool) -> None:
    if asked:
        console.out.print(f"tillhouse {version('tillhouse')}")
        raise typer.Exit


@app.callback()
def _common(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    _: Annotated[
        bool, typer.Option("--version", help="Say which tillhouse this is.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    logs.configure()
    _debug[0] = debug


_debug = [False]


@app.command()
def pipeline(
    day: Annotated[
        datetime | None, typer.Argument(metavar="[DATE]", formats=["%Y-%m-%d"], help="A landing date.")
    ] = None,
    from_: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First landing date.")] = None,
    to: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last landing date.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every folder with a file that is not loaded yet.")] = False,
    release_each: Annotated[bool, typer.Option("--release-each", help="One release a folder.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show which files would be read.")] = False,
    max_reject_ratio: Annotated[float | None, typer.Option(help="For this run, in place of the setting.")] = None,
    future: Annotated[bool, typer.Option("--future", help="Accept landing dates after today.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="A rejected file stops the run.")] = False,
    skip: Annotated[bool, typer.Option("--skip", help="Leave the folder's new files out for good.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="For another run that is writing.")] = True,
) -> None:
    """Load landing folders: validate, build, check, and publish in one commit."""
    from pipelines.run import Options

    overrides = {} if max_reject_ratio is None else {"max_reject_ratio": max_reject_ratio}
    settings = _settings(**overrides)
    days = _days(settings, day, from_, to, all_, future)
    if dry_run:
        _show_plan(settings, days)
        return
    if skip and day is None:
        raise UsageError("--skip leaves out the folder of one landing date: name it.", "skip")
    options = Options(command=f"pipeline {' '.join(sys.argv[2:])}".strip(), strict=strict, skip=skip, wait=wait)
    parts = _each(settings, days) if release_each else [days]
    for number, part in enumerate(parts, 1):
        _run(settings, part, replace(options, then=tuple(chain.from_iterable(parts[number:]))))


@app.command()
def rebuild() -> None:
    """Build silver and gold again from bronze, and publish what differs."""
    from pipelines.run import Options

    _run(_settings(), [], Options(command="rebuild", rebuild=True))


@app.command()
def demo() -> None:
    """Make a small shop, load it, publish, write the reports, and say where to look."""
    from lake.connection import connect
    from lake.query import select
    from pipelines import output
    from pipelines.generate.generate import generate
    from pipelines.landing import folder
    from pipelines.run import Options

    home = os.environ.get("TILLHOUSE_HOME", str(DEMO_HOME))
    settings = _settings(home=Path(home))
    if folder.dates(settings.landing):
        console.err.print(f"The shop in {settings.home} is there already; loading what is new.")
    else:
        console.err.print("Making a small shop: 90 days, about 25 orders a day")
        generate(settings.landing, start=date(2025, 10, 1), days=90, orders_per_day=25, seed=7, noise=0.004)
    _run(settings, folder.dates(settings.landing), Options(command="demo"))
    last_week = "select date, orders, net_revenue, aov from gold.fct_revenue_daily order by date desc limit 7"
    output.write(select(connect(settings), last_week), Format.table)
    prefix = f"TILLHOUSE_HOME={shlex.quote(home)} uv run tillhouse"
    console.out.print(
        f"\nThe report:   {(settings.reports / 'index.html').absolute().as_uri()}"
        f'\nA query:      {prefix} sql "{last_week}"'
        f"\nThe API:      {prefix} serve    then http://127.0.0.1:8000/v1/metrics/daily"
        f"\nThe database: {prefix} db stop   stops the embedded Postgres it left running"
    )


@app.command()
def generate(
    days: Annotated[int, typer.Option(help="Landing folders to make.")],
    start: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First landing date.")],
    orders_per_day: Annotated[int, typer.Option(help="Orders on an average day.")] = 100,
    seed: Annotated[int, typer.Option(help="The same seed makes the same shop, byte for byte.")] = 1,
    noise: Annotated[float, typer.Option(help="Share of bad rows, 0 to 0.5.")] = 0.0,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there with other bytes.")] = False,
) -> None:
    """Make landing folders of a synthetic shop; files that are there with other bytes are refused."""
    from pipelines.generate.generate import generate as make

    settings = _settings()
    begun = time.monotonic()
    summary = make(
        settings.landing,
        start=start.date(),
        days=days,
        orders_per_day=orders_per_day,
        seed=seed,
        noise=noise,
        currency=settings.currency,
        force=force,
        on_day=lambda day, rows: console.err.print(f"{day}: {rows:,} rows"),
    )
    console.out.print(
        f"{summary.total_rows:,} rows in {days} folders under {settings.landing}, {time.monotonic() - begun:.1f} s"
    )


@app.command("import")
def import_(
    mapping: Annotated[str, typer.Argument(help="online-retail-ii, or a folder with a mapping of your own.")],
    files: Annotated[list[Path], typer.Argument(help="The export: files or folders.")],
) -> None:
    """Turn a foreign export into landing folders."""
    from pipelines.importers.run import import_export

    summary = import_export(mapping, files, _settings(), on_step=console.err.print)
    for line in summary.lines():
        console.out.print(line, markup=False)
    console.out.print("Now load it: tillhouse pipeline --all")


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One SELECT over bronze., silver., gold., quality.")],
    form: Annotated[Format, typer.Option("--format", help="How to write the rows.")] = Format.table,
    at: At = None,
) -> None:
    """Run one read-only SELECT over the release."""
    from lake.connection import connect
    from lake.query import select
    from pipelines import output

    output.write(select(connect(_settings(), at), query), form)


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Last runs, as-of date, rows, quarantine, freshness and publication."""
    from lake import identity
    from pipelines import turn
    from serving.status import read_status

    settings = _settings()
    with writer.opened(settings) as (records, publisher):
        records.prepare(identity.of(settings))
        turn.finish_if_idle(settings, records, publisher)
        found = read_status(records.engine)
    console.out.print(found.as_json() if as_json else found.as_text(), markup=False)


def _settings(**overrides: object) -> Settings:
    settings = load_settings(**overrides)
    logs.configure(settings.log_format)
    return settings


def _days(
    settings: Settings,
    day: datetime | None,
    from_: datetime | None,
    to: datetime | None,
    all_: bool,
    future: bool,
) -> list[date]:
    """The landing dates asked for. Raises UsageError where the question is none, or asks for the future."""
    from pipelines import plan
    from pipelines.landing import folder

    if sum((day is not None, from_ is not None or to is not None, all_)) != 1:
        raise UsageError("Name one landing date, or --from and --to, or --all.", "date")
    for name, reason in folder.misplaced(settings.landing):
        console.warn("ignored", f"{settings.landing.name}/{name}: {reason}")
    there = folder.dates(settings.landing)
    if day is not None:
        days = [day.date()]
    else:
        first = from_.date() if from_ else date.min
        last = to.date() if to else date.max
        if first > last:
            raise UsageError(f"--from {first} is after --to {last}.", "from")
        days = [each for each in there if first <= each <= last]
        if not days and not all_:
            raise UsageError(f"No landing folder in {settings.landing} lies between {first} and {last}.", "from")
    if not future:
        plan.refuse_future(days, datetime.now(UTC).date())
    if day is not None:
        folder.place(settings.landing, days[0])  # a mistyped date begins no run
    return days


def _planned(settings: Settings, days: Sequence[date]) -> "tuple[Plan, dict[tuple[date, str], str], Release | None]":
    """What a run would load, what is loaded already, and the release in force."""
    from contracts.registry import tables
    from lake import release as releases
    from pipelines.bronze import ingest
    from pipelines.plan import plan
    from serving import postgres
    from serving.run_records import Records

    release = releases.current(settings)
    if release is None:
        return plan(settings, days, {}, {}), {}, None
    name = tables("bronze")["landed_files"].full_name
    loaded = ingest.loaded_hashes(settings.lake, release.versions[name])
    with postgres.opened(settings) as engine:
        rejected = Records(engine, settings).rejected_hashes()
    return plan(settings, days, loaded, rejected), loaded, release


def _each(settings: Settings, days: list[date]) -> list[list[date]]:
    """The folders that hold something new, one a run; all in one where none does, which says so."""
    found, _, _ = _planned(settings, days)
    new = {file.landing_date for file in (*found.files, *(file for file, _ in found.left))}
    return [[day] for day in sorted(new)] or [days]


def _show_plan(settings: Settings, days: Sequence[date]) -> None:
    from pipelines.plan import restates

    found, loaded, release = _planned(settings, days)
    console.show_passed_over(found.left, found.ignored)
    for file in found.files:
        console.out.print(f"{file.label} -> {file.source or 'no source: would be rejected'}", markup=False)
    for line in restates(found, loaded, release, settings) if release else ():
        console.out.print(f"would restate: {line}", markup=False)
    rejected = sum(file.source is None for file in found.files)
    console.out.print(
        f"{len(found.files) - rejected} files would be read, {rejected} rejected, {found.known} are known."
    )


def _run(settings: Settings, days: Sequence[date], options: "Options") -> "Outcome":
    """Compose a run: its books and its publication are the database's, the rest is the lake's."""
    from pipelines import run

    with console.progress() as progress, writer.opened(settings, progress.says) as (records, publisher):
        outcome = run.run(settings, days, records, publisher, options, progress)
    if options.maintain is None or outcome.release is not None:  # it tells itself what it did
        console.show_outcome(outcome, settings.reports)
    console.show_retries(records.retries.told)
    return outcome


app.command()(serve.command(_settings))
app.command()(lineage.lineage)
app.command()(publish.command(_settings))
app.command()(report.command(_settings))
app.command()(digest.command(_settings))
app.command()(maintain.command(_settings, _run))
app.command("backup")(backup.backup(_settings))
app.command("restore")(backup.restore(_settings))
app.command("fsck")(fsck.command(_settings))
app.add_typer(quarantine.commands(_settings, _run), name="quarantine", no_args_is_help=True)
app.add_typer(explain.commands(_settings), name="explain", no_args_is_help=True)
app.add_typer(api_key.commands(_settings), name="api-key", no_args_is_help=True)
app.add_typer(db.commands(_settings), name="db", no_args_is_help=True)


def main() -> None:
    """Entry point: every error is one paragraph and an exit code."""
    memory.keep_freed()
    sys.exit(_guarded(app))


def _guarded(command: Callable[..., object]) -> int:
    try:
        ended = command(standalone_mode=False, prog_name="tillhouse")
    except TillhouseError as error:
        return _ended_by(error, error)
    except typer.TyperException as error:
        # A mistyped command line; no arguments at all print the help and have no message.
        if said := error.format_message():
            console.show_error(console.mistyped(said, getattr(error, "ctx", None)))
        return UsageError.exit_code
    except Exception as error:  # noqa: BLE001 (whatever it is, it ends as a paragraph and a code)
        return _ended_by(error, console.in_words(error))
    if ended == INTERRUPTED:  # typer's answer to Ctrl-C
        console.err.print("interrupted; nothing is half done, run the same command again")
    return ended if isinstance(ended, int) else 0


def _ended_by(error: Exception, told: TillhouseError) -> int:
    if _debug[0]:
        console.err.print("".join(format_exception(error)), markup=False, end="")
    else:
        console.show_error(told)
    return told.exit_code
