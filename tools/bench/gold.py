"""One more day on lakes of 30, 90 and 300 days, per table; and gold made anew beside a copy of its silver.

A day brings returns of orders up to 73 days old, and with them 42 dates that a lake of 30 days does not hold. The
lake of 90 days holds them all: beside it one sees what the length of the lake itself costs.
"""

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from tools.bench.measure import Measured, best, copy_of, measure
from tools.bench.silver import LENGTHS, MIDNIGHT, START

ROUNDS = 3
NIGHTLY_ORDERS = 10_000
LAKES = (min(LENGTHS), 90, max(LENGTHS))  # days
TOGETHER = 30  # landing folders brought to silver at once
# These move as a whole with the as-of date.
BY_THEIR_OWN_SIZE = ("dim_customer", "agg_", "fct_cohort_")
HERE = "tools.bench.gold"


def main() -> None:
    """Print both comparisons."""
    long = max(LENGTHS)
    with tempfile.TemporaryDirectory() as place:
        landing = Path(place) / "shop" / "landing"
        home = str(landing.parent)
        measure("tools.bench.silver", "generate", home=home, days=long + 1, orders=NIGHTLY_ORDERS)
        for days in LAKES:
            # The same shop: a shorter lake holds all of its customers and products, the last days of all else, and
            # each gets the same day more.
            measure(HERE, "load", home=home, root=f"{place}/{days}", first=long - days, days=days)
        # By turns, so that a slow minute of the machine falls on all.
        tables: dict[int, list[Measured]] = {days: [] for days in LAKES}
        runs: dict[int, list[Measured]] = {days: [] for days in LAKES}
        for _ in range(ROUNDS):
            for days in LAKES:
                tables[days].append(_one_more(home, Path(place) / str(days), long, whole=True))
                runs[days].append(_one_more(home, Path(place) / str(days), long, whole=False))
        _print_days([best(*tables[days]).told for days in LAKES])
        short, covered, whole = (best(*runs[days]).seconds for days in LAKES)
        print(f"  the run without {', '.join(BY_THEIR_OWN_SIZE)}: {short:.2f}, {covered:.2f} and {whole:.2f} s")
        print(f"  ratio {whole / short:.2f} (aim: at most 1.3), to {LAKES[1]} days {whole / covered:.2f}")
        _anew(home, str(Path(place) / str(long)))


def _one_more(home: str, lake: Path, day: int, *, whole: bool) -> Measured:
    with copy_of(lake) as copy:
        return measure(HERE, "load", home=home, root=str(copy), first=day, days=1, whole=whole)


def _print_days(lakes: list[dict[str, float]]) -> None:
    lengths = ", ".join(map(str, LAKES))
    print(f"one more day of about {NIGHTLY_ORDERS:,} orders: seconds of gold on lakes of {lengths} days")
    for name in sorted(lakes[-1], key=lambda name: -lakes[-1][name]):
        print(f"  {name:<26}" + "".join(f"{told.get(name, 0):8.3f}" for told in lakes))


def _anew(home: str, root: str) -> None:
    ours, floor = [], []
    for _ in range(ROUNDS):
        ours.append(measure(HERE, "make_anew", home=home, root=root))
        floor.append(measure(HERE, "copy_silver", home=home, root=root))
    mine, theirs = best(*ours), best(*floor)
    print(f"gold made anew from {NIGHTLY_ORDERS * LENGTHS[1]:,} orders, best of {ROUNDS}, each in its own process")
    print(f"  gold                   {mine.seconds:7.2f} s, peak {mine.peak_mib} MiB")
    print(f"  copy of silver, DuckDB {theirs.seconds:7.2f} s, peak {theirs.peak_mib} MiB")
    print(f"  ratio {mine.seconds / theirs.seconds:.2f} (aim: at most 5)")


def load(home: str, root: str, first: int, days: int, *, whole: bool = True) -> dict[str, float]:
    """Bring landing folders of the shop to silver, then gold once; returns the seconds of each gold table.

    A new lake gets what refers to nothing of the folders before the `first`, too. With `whole` false no table
    that moves by its own size is made, and the seconds are those of the `run`.
    """
    from contracts.registry import lake_tables, sources
    from contracts.settings import Settings
    from lake import delta
    from lake.release import Release
    from pipelines.bronze import ingest
    from pipelines.gold import build
    from pipelines.gold.refresh import refresh as refresh_gold
    from pipelines.plan import plan
    from pipelines.silver.refresh import refresh as refresh_silver

    settings = Settings(home=Path(home))
    versions = {}
    for name, table in lake_tables().items():
        delta.create(root, table)
        versions[name] = delta.newest_version(root, table) or 0
    before = dict(versions)
    is_new = versions["bronze.landed_files"] == 0
    dates = [START + timedelta(days=first + number) for number in range(days)]
    earlier = [START + timedelta(days=number) for number in range(first if is_new else 0)]
    if earlier:
        parents = [file for file in plan(settings, earlier, {}, {}).files if not sources()[file.source].references]
        ingest.ingest(root, parents, settings, "bench", versions)
    for begins in range(0, days, TOGETHER):
        together = dates[begins : begins + TOGETHER]
        base = None if is_new and not begins else dict(versions)
        done = ingest.ingest(root, plan(settings, together, {}, {}).files, settings, "bench", versions)
        counts = refresh_silver(root, base, versions, done.places, settings, "bench", MIDNIGHT)
        table = lake_tables()["quality.conservation"]
        versions[table.full_name] = delta.write_changes(root, table, counts, versions[table.full_name])
    as_of = dates[-1] - timedelta(days=1)
    released = Release(1, "bench", as_of, datetime.now(UTC), settings.model_inputs(), before)
    told: dict[str, float] = {}
    begun = time.perf_counter()

    def timed(name: str) -> None:
        nonlocal begun
        now = time.perf_counter()
        told[name], begun = now - begun, now

    selects = build.models()
    if not whole:
        selects = {
            name: select
            for name, select in selects.items()
            if not name.startswith(tuple(f"gold.{each}" for each in BY_THEIR_OWN_SIZE))
        }
    began = begun
    with patch.object(build, "models", return_value=selects):
        refresh_gold(root, None if is_new else released, versions, dates[-1], settings, on_table=timed)
    return told if whole else {"run": time.perf_counter() - began}


def make_anew(home: str, root: str) -> dict[str, float]:
    """All of gold from silver, in DuckDB, not written."""
    from contracts.registry import lake_tables
    from contracts.settings import Settings
    from lake import connection, delta
    from pipelines.gold import build

    settings = Settings(home=Path(home))
    silver = {name: each for name, each in lake_tables().items() if name.startswith("silver.")}
    versions = {name: delta.newest_version(root, table) or 0 for name, table in silver.items()}
    begun = time.perf_counter()
    with connection.open_layers(root, versions) as con:
        build.build(con, START + timedelta(days=LENGTHS[1] - 1), settings)
    return {"gold": time.perf_counter() - begun}


def copy_silver(home: str, root: str) -> dict[str, float]:
    """The floor: the same silver tables to new Parquet, by DuckDB."""
    from contracts.registry import lake_tables
    from lake import connection, delta

    silver = {name: each for name, each in lake_tables().items() if name.startswith("silver.")}
    versions = {name: delta.newest_version(root, table) or 0 for name, table in silver.items()}
    with tempfile.TemporaryDirectory(dir=home) as place, connection.open_layers(root, versions) as con:
        begun = time.perf_counter()
        for name in silver:
            con.execute(f"copy (from {name}) to '{place}/{name}.parquet'")
        return {"copy": time.perf_counter() - begun}
