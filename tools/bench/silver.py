"""CSV to committed silver beside DuckDB's plain CSV to Parquet; and one more day on a longer lake."""

import shutil
import tempfile
import time
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb

from tools.bench.measure import Measured, best, copy_of, measure

ROUNDS = 3
NIGHTS = 7  # of a second each
LENGTHS = (30, 300)
START = date(2024, 1, 1)
MIDNIGHT = datetime.combine(START, datetime.min.time())
DAY_ORDERS = 400_000  # of an average day; makes a first day of about 1.1 million lines
NIGHTLY_ORDERS = 1_000


def main() -> None:
    """Print both comparisons."""
    with tempfile.TemporaryDirectory() as place:
        _one_large_day(Path(place) / "day")
        _one_more_day(Path(place) / "nights")


def _one_large_day(home: Path) -> None:
    rows = measure("tools.bench.silver", "generate", home=str(home), days=1, orders=DAY_ORDERS).told["rows"]
    ours, floor = [], []
    for _ in range(ROUNDS):
        ours.append(measure("tools.bench.silver", "to_silver", home=str(home), days=1))
        floor.append(measure("tools.bench.silver", "to_parquet", home=str(home)))
    mine, theirs = best(*ours), best(*floor)
    print(f"one day of {rows:,.0f} lines, best of {ROUNDS}, each in a process of its own")
    _line("CSV to committed silver", mine, rows)
    _line("DuckDB, CSV to Parquet", theirs, rows)
    print(f"  ratio {mine.seconds / theirs.seconds:.2f} (aim: at most 4), peak {mine.peak_mib} MiB (aim: under 2,048)")


def _one_more_day(place: Path) -> None:
    for days in LENGTHS:
        home = str(place / str(days))
        measure("tools.bench.silver", "generate", home=home, days=days + 1, orders=NIGHTLY_ORDERS)
        measure("tools.bench.silver", "to_silver", home=home, days=days)
    # By turns, so that a slow minute of the machine falls on both.
    runs: dict[int, list[Measured]] = {days: [] for days in LENGTHS}
    for _ in range(NIGHTS):
        for days in LENGTHS:
            home = place / str(days)
            with copy_of(home / "lake") as copy:
                runs[days].append(measure("tools.bench.silver", "one_more", home=str(home), lake=str(copy), days=days))
    short, long = (best(*runs[days]) for days in LENGTHS)
    for days, cost in zip(LENGTHS, (short, long), strict=True):
        print(f"one more day of about {NIGHTLY_ORDERS:,} orders on {days} days, best of {NIGHTS}")
        _line("CSV to committed silver", cost, None)
    print(f"  ratio {long.seconds / short.seconds:.2f} (aim: at most 1.3)")


def _line(what: str, run: Measured, rows: float | None) -> None:
    parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in run.told.items())
    pace = f", {rows / run.seconds:,.0f} rows/s" if rows else ""
    print(f"  {what:<26}{run.seconds:7.2f} s{pace}, peak {run.peak_mib} MiB   ({parts})")


def generate(home: str, days: int, orders: int) -> dict[str, float]:
    """Make a shop; returns its rows."""
    from pipelines.generate.generate import generate as make

    made = make(Path(home) / "landing", start=START, days=days, orders_per_day=orders, seed=11, noise=0.0)
    return {"rows": made.total_rows}


def to_parquet(home: str) -> dict[str, float]:
    """The floor: every landed file as Parquet, types guessed."""
    folder = Path(home) / "floor"
    folder.mkdir(exist_ok=True)
    begun = time.perf_counter()
    with duckdb.connect() as con:
        for path in sorted((Path(home) / "landing").glob("*/*.csv")):
            con.execute(f"copy (from read_csv('{path}', header = true)) to '{folder / path.stem}.parquet'")
    return {"copy": time.perf_counter() - begun}


def to_silver(home: str, days: int) -> dict[str, float]:
    """A fresh lake with the first `days` landing folders in it."""
    shutil.rmtree(Path(home) / "lake", ignore_errors=True)
    return _load(Path(home), str(Path(home) / "lake"), [START + timedelta(days=n) for n in range(days)], fresh=True)


def one_more(home: str, lake: str, days: int) -> dict[str, float]:
    """The day after the first `days`, on a lake that holds them."""
    return _load(Path(home), lake, [START + timedelta(days=days)], fresh=False)


def _load(home: Path, root: str, days: list[date], *, fresh: bool) -> dict[str, float]:
    import pandera.polars  # noqa: F401 (outside the timing, as DuckDB's import is)

    from contracts.registry import lake_tables
    from contracts.settings import Settings
    from lake import delta
    from pipelines.bronze import ingest
    from pipelines.plan import plan
    from pipelines.silver.refresh import refresh

    settings = Settings(home=home)
    versions = {}
    for name, table in lake_tables().items():
        delta.create(root, table)
        versions[name] = delta.newest_version(root, table) or 0
    base = dict(versions)
    marks = [time.perf_counter()]
    known = ingest.loaded_hashes(root, versions["bronze.landed_files"])
    files = plan(settings, days, known, {}).files
    done = ingest.ingest(root, files, settings, "bench", versions)
    marks.append(time.perf_counter())
    counts = refresh(root, None if fresh else base, versions, done.places, settings, "bench", MIDNIGHT)
    table = lake_tables()["quality.conservation"]
    versions[table.full_name] = delta.write_changes(root, table, counts, versions[table.full_name])
    marks.append(time.perf_counter())
    delta.sync(root, lake_tables().values(), base, versions)
    marks.append(time.perf_counter())
    return dict(
        zip(("read and bronze", "silver", "fsync"), (after - before for before, after in pairwise(marks)), strict=True)
    )
