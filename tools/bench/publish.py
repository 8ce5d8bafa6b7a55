"""Publishing beside a bare COPY, one changed day, and a whole run beside the floor of its files."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tools.bench.measure import Measured, best, measure

HERE = "tools.bench.publish"
START = date(2024, 1, 1)
LINES = int(os.environ.get("BENCH_LINES", "3000000"))
LINES_AN_ORDER = 1.78  # as the generator makes them
DAYS = 300
NIGHTLY_ORDERS = 10_000
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))


def main() -> None:
    """Print the three comparisons."""
    with tempfile.TemporaryDirectory() as place:
        _nightly(Path(place) / "night")
        _large(Path(place) / "large")


def _large(home: Path) -> None:
    orders = max(1, round(LINES / LINES_AN_ORDER / DAYS))
    measure("tools.bench.silver", "generate", home=str(home), days=DAYS, orders=orders)
    try:
        measure(HERE, "load_all", home=str(home))
        told = measure(HERE, "export", home=str(home)).told
        print(f"{told['order lines']:,.0f} order lines, {told['rows']:,.0f} rows of all served tables, own processes")
        ours, floor = [], []
        for number in range(ROUNDS):
            ours.append(measure(HERE, "first_publication", home=str(home), name=f"ours_{number}"))
            floor.append(measure(HERE, "bare_copy", home=str(home), name=f"bare_{number}"))
        mine, theirs = best(*ours), best(*floor)
        _line("publish", mine)
        _line("bare COPY", theirs)
        print(f"  ratio {mine.seconds / theirs.seconds:.2f} (aim: at most 1.5)")
        changed = best(*(measure(HERE, "changed_day", home=str(home), day=DAYS // 2 + n) for n in range(ROUNDS)))
        print("one changed day of it")
        _line("publish", changed)
        print(f"  {changed.seconds:.2f} s (aim: under 1)")
    finally:
        measure(HERE, "stop", home=str(home))


def _nightly(place: Path) -> None:
    """Each round in a copy of a home whose first day is loaded, on a server that runs."""
    measure("tools.bench.silver", "generate", home=str(place), days=2, orders=NIGHTLY_ORDERS)
    day = START + timedelta(days=1)
    whole, floor = [], []
    for number in range(ROUNDS):
        home = place / str(number)
        shutil.copytree(place / "landing", home / "landing")
        try:
            measure(HERE, "load_first", home=str(home))
            begun = time.perf_counter()
            steps = _command(home, "pipeline", day.isoformat())
            seconds = time.perf_counter() - begun
            steps["start and end"] = seconds - sum(steps.values())
            whole.append(Measured(steps, 0))
            begun = time.perf_counter()
            parts = measure(HERE, "floor", home=str(home), day=day.isoformat())
            parts.told["start and end"] = time.perf_counter() - begun - parts.seconds
            floor.append(parts)
        finally:
            measure(HERE, "stop", home=str(home))
    mine, theirs = best(*whole), best(*floor)
    print(f"one more landing folder of about {NIGHTLY_ORDERS:,} orders, best of {ROUNDS}, own processes, a warm server")
    _line("tillhouse pipeline DATE", mine)
    _line("DuckDB to Parquet, COPY", theirs)
    print(f"  ratio {mine.seconds / theirs.seconds:.2f} (aim: at most 3), {mine.seconds:.2f} s (aim: at most 2)")


def _line(what: str, run: Measured) -> None:
    parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in run.told.items())
    print(f"  {what:<26}{run.seconds:7.2f} s, peak {run.peak_mib} MiB   ({parts})")


def _command(home: Path, *arguments: str) -> dict[str, float]:
    """The steps of a whole command and their seconds."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TILLHOUSE_")}
    done = subprocess.run(  # noqa: S603 (our own interpreter on our own code)
        [sys.executable, "-c", "from pipelines.cli import main; main()", *arguments],
        env=environment | {"TILLHOUSE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stderr)
    steps = {}
    for line in done.stderr.splitlines():
        name, colon, rest = line.partition(": ")
        if colon and rest.endswith(" s"):
            steps[name] = float(rest.rsplit(" ", 2)[1])
    return steps


def load_all(home: str) -> dict[str, float]:
    """Every landing folder to one release."""
    return _command(Path(home), "pipeline", "--all")


def load_first(home: str) -> dict[str, float]:
    """The first landing folder to one release."""
    return _command(Path(home), "pipeline", START.isoformat())


def stop(home: str) -> dict[str, float]:
    """Stop the home's server."""
    return _command(Path(home), "db", "stop")


def export(home: str) -> dict[str, float]:
    """Every served table as CSV, in the home's folder `csv`; returns rows."""
    import duckdb

    from contracts.settings import Settings
    from lake import delta, lookup
    from lake import release as releases
    from lake.connection import select_version
    from serving import ddl

    settings = Settings(home=Path(home))
    release = releases.pinned(settings, None)
    folder = Path(home) / "csv"
    folder.mkdir()
    told = {"rows": 0.0}
    with duckdb.connect() as con:
        for table in ddl.served_tables():
            paths = delta.files(settings.lake, table, release.versions[table.full_name])
            select = select_version(settings.lake, table, release.versions[table.full_name])
            lists = [column.name for column in table.columns if column.type == "texts"]
            as_arrays = ", ".join(f"'{{' || array_to_string({name}, ',') || '}}' as {name}" for name in lists)
            if paths:
                rows = lookup.row_count(settings.lake, table, release.versions[table.full_name])
                told["rows"] += rows
                if table.name == "fct_order_items":
                    told["order lines"] = rows
            names = f"* replace ({as_arrays})" if lists else "*"
            rows_of = con.sql(select).project(names)
            rows_of.write_csv(str(folder / f"{table.name}.csv"), header=False, na_rep="\\N")
    return told


@contextmanager
def _database(home: str, name: str) -> Iterator[str]:
    """A database of its own on the home's server; its URL."""
    import sqlalchemy as sa

    from contracts.settings import Settings
    from serving import postgres

    url = postgres.database_url(Settings(home=Path(home)))
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
        connection.execute(sa.text("checkpoint"))
    yield sa.engine.make_url(url).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(sa.text(f"drop database {name} with (force)"))
    server.dispose()


def bare_copy(home: str, name: str) -> dict[str, float]:
    """The floor: the same rows from files by COPY, into the same tables with the same keys and indexes."""
    import sqlalchemy as sa

    from serving import ddl

    with _database(home, name) as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sa.text("create schema bare"))
            ddl.metadata("bare").create_all(connection)
        parts = {}
        begun = time.perf_counter()
        with engine.begin() as connection:
            cursor = connection.connection.cursor()
            columns = {table.name: table.names for table in ddl.served_tables()}
            for table in ddl.metadata("bare").sorted_tables:
                connection.execute(sa.text(f'alter table bare."{table.name}" alter from_release set default 1'))
                names = ", ".join(columns[table.name])
                with (Path(home) / "csv" / f"{table.name}.csv").open("rb") as file:
                    cursor.copy_expert(
                        f"copy bare.{table.name} ({names}) from stdin (format csv, null '\\N')", file, 1 << 20
                    )
            copied = time.perf_counter()
            parts["COPY"] = copied - begun
        parts["COMMIT and foreign keys"] = time.perf_counter() - copied
        engine.dispose()
    return parts


def first_publication(home: str, name: str) -> dict[str, float]:
    """The release in force, published to an empty database with its report."""
    import sqlalchemy as sa

    from contracts.settings import Settings
    from lake import release as releases
    from serving.publish import publish
    from serving.reports import publish as reports
    from serving.run_records import Records

    settings = Settings(home=Path(home))
    release = releases.pinned(settings, None)
    with _database(home, name) as url:
        engine = sa.create_engine(url)
        records = Records(engine, settings)
        records.prepare("bench")
        records.start(release.run_id, "bench", datetime.now(UTC))
        parts: dict[str, float] = {}
        begun = time.perf_counter()

        def finish(connection: sa.Connection) -> None:
            parts["tables"] = time.perf_counter() - begun
            reports.write_pending(connection, Path(home) / "bench-reports", release.release_id)
            parts["report"] = time.perf_counter() - begun - parts["tables"]

        publish(engine, settings.lake, None, release, finish)
        parts["COMMIT"] = time.perf_counter() - begun - sum(parts.values())
        engine.dispose()
    return parts


def changed_day(home: str, day: int) -> dict[str, float]:
    """The lines of one landing folder sent again at other prices, in the newest folder; the step `publish` alone."""
    import polars as pl

    source = Path(home) / "landing" / (START + timedelta(days=day)).isoformat() / "order_items.csv"
    newest = Path(home) / "landing" / (START + timedelta(days=DAYS - 1)).isoformat()
    lines = pl.read_csv(source, infer_schema=False)
    lines.with_columns(tax_amount=pl.lit("0")).write_csv(newest / f"order_items_{day}.csv")
    return {"publish": _command(Path(home), "pipeline", newest.name)["publish"]}


def floor(home: str, day: str) -> dict[str, float]:
    """The least that could be done: every file to Parquet, types guessed; orders and lines to plain tables of text."""
    import duckdb
    import psycopg2

    from contracts.settings import Settings
    from serving import embedded

    files = sorted((Path(home) / "landing" / day).glob("*.csv"))
    begun = time.perf_counter()
    with duckdb.connect() as con:
        for path in files:
            con.execute(f"copy (from read_csv('{path}', header = true)) to '{Path(home) / path.stem}.parquet'")
    written = time.perf_counter()
    url = embedded.start(Settings(home=Path(home)))
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("create schema floor")
        for path in files:
            if path.stem in {"orders", "order_items"}:
                with path.open("rb") as file:
                    names = file.readline().decode().strip().split(",")
                    cursor.execute(f"create table floor.{path.stem} ({', '.join(f'{name} text' for name in names)})")
                    cursor.copy_expert(f"copy floor.{path.stem} from stdin (format csv)", file, 1 << 20)
    connection.close()
    return {"Parquet": written - begun, "COPY": time.perf_counter() - written}
