"""Plants known bugs one at a time into a copy of the project, and asks that the tests named for each notice.

A test that cannot fail proves nothing: `just planted` shows for every bug which tests went red.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
RED = 1  # pytest: tests ran, and some failed
IN_MEMORY = "tests/properties/test_silver.py"
BY_KEYS = "tests/properties/test_refresh.py"


@dataclass(frozen=True)
class Bug:
    """A text of one file to replace, and the tests that must notice."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


ORPHAN = 'pl.col(REASONS).list.eval(pl.element().str.ends_with(":orphan")).list.any()'

BUGS = (
    Bug(
        "the first row of a key is kept, not the latest",
        "pipelines/silver/winner.py",
        "wins = key.ne_missing(key.shift(-1))",
        "wins = key.ne_missing(key.shift(1))",
        (IN_MEMORY,),
    ),
    Bug(
        "an orphan is dropped silently",
        "pipelines/silver/winner.py",
        "        rejected=rejected,\n",
        f"        rejected=rejected.filter(~{ORPHAN}),\n",
        (IN_MEMORY,),
    ),
    Bug(
        "an orphan counts as superseded",
        "pipelines/silver/winner.py",
        '        superseded=marked.filter(~pl.col("__wins")).drop("__wins"),\n        rejected=rejected,\n',
        f'        superseded=pl.concat([marked.filter(~pl.col("__wins")).drop("__wins"), rejected.filter({ORPHAN})]),\n'
        f"        rejected=rejected.filter(~{ORPHAN}),\n",
        (IN_MEMORY,),
    ),
    Bug(
        "ingested_at is ignored",
        "pipelines/silver/winner.py",
        'ORDER = ("ingested_at", "landing_date", "source_file", "row_number")',
        'ORDER = ("landing_date", "source_file", "row_number")',
        (IN_MEMORY,),
    ),
    Bug(
        "tombstones are ignored",
        "pipelines/silver/winner.py",
        '(wins & ~pl.col(DELETED)).alias("__wins")',
        'wins.alias("__wins")',
        (IN_MEMORY,),
    ),
    Bug(
        "only the first reason of a row is kept",
        "pipelines/silver/judge.py",
        "            .agg(REASONS)\n",
        "            .agg(pl.col(REASONS).head(1))\n",
        (IN_MEMORY,),
    ),
    Bug(
        "exceeds_sold is judged beside the older row of the same return",
        "pipelines/silver/returns.py",
        "own = old_units if old_line == line else 0",
        "own = 0",
        (IN_MEMORY,),
    ),
    Bug(
        "orphans are not released when their parent lands",
        "pipelines/silver/by_keys.py",
        "came, went = self.gained.get(reference.table), self.lost.get(reference.table)",
        "came, went = None, self.lost.get(reference.table)",
        (BY_KEYS,),
    ),
    Bug(
        "children of a parent that went stay current",
        "pipelines/silver/by_keys.py",
        "came, went = self.gained.get(reference.table), self.lost.get(reference.table)",
        "came, went = self.gained.get(reference.table), None",
        ("tests/properties/test_gold.py",),
    ),
    Bug(
        "the old rows of a replaced file stay in bronze",
        "pipelines/bronze/ingest.py",
        'kept = there.join(names, on=["landing_date", "source_file"], how="anti")',
        "kept = there",
        ("tests/pipelines/bronze/test_ingest.py",),
    ),
    Bug(
        "a changed product history leaves the lines since then as they were",
        "pipelines/gold/_scope_orders.sql",
        "where items.order_date >= products.since and items.order_date >= $since",
        "where items.order_date >= products.since and items.order_date > $since + 9999",
        ("tests/properties/test_gold.py",),
    ),
    Bug(
        "an order that is no longer the customer's first keeps the mark",
        "pipelines/gold/_scope_first_orders.sql",
        "(select order_id from firsts_before except select order_id from firsts_now)",
        "(select order_id from firsts_now where false)",
        ("tests/properties/test_gold.py",),
    ),
    Bug(
        "the next order of a customer whose first is cancelled stays as it was",
        "pipelines/gold/scopes.py",
        "if since is not None and day >= since]",
        "if False]",
        ("tests/pipelines/gold/test_scopes.py",),
    ),
    Bug(
        "a customer's first order of a date in question is told by the date alone",
        "pipelines/gold/_scope_customers.sql",
        "before.first_order_date >= customers.first_touched",
        "before.first_order_date > customers.first_touched",
        ("tests/pipelines/gold/test_scopes.py",),
    ),
    Bug(
        "a day computed again loses the refunds of orders of other days",
        "pipelines/gold/_scope_days_returns.sql",
        "where order_id in (select order_id from in_days.scope.returned_orders);",
        "where false;",
        ("tests/pipelines/gold/test_scopes.py",),
    ),
    Bug(
        "the first price of a product does not hold before it was heard of",
        "pipelines/gold/_scope_products.sql",
        ") then date '1900-01-01'",
        ") then cast(min(changed.updated_at) as date)",
        ("tests/pipelines/gold/test_scopes.py",),
    ),
    Bug(
        "a late movement moves its own day alone",
        "pipelines/gold/_scope_stock.sql",
        "where movement_date <= $recent",
        "where movement_date < $recent - 9999",
        ("tests/properties/test_gold.py",),
    ),
    Bug(
        "the day of a delivery is not computed again",
        "pipelines/gold/_scope_days.sql",
        "select delivery_date from memory.touched.orders_now",
        "select order_date from memory.touched.orders_now",
        ("tests/properties/test_gold.py",),
    ),
)


def copy_of_the_project(place: Path) -> None:
    """Every file that is, or may be, committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, place / name)


def run(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The same Python in the copy, whose packages come before the installed ones."""
    environment = os.environ | {"PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(  # noqa: S603 (our own arguments)
        [sys.executable, *arguments], cwd=place, env=environment, capture_output=True, text=True, check=False
    )


def test(place: Path, tests: Iterable[str]) -> subprocess.CompletedProcess[str]:
    """The tests in the copy, up to the first failure; no example is remembered from the bug before."""
    shutil.rmtree(place / ".hypothesis", ignore_errors=True)
    return run(place, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests)


def plant(bug: Bug, place: Path) -> str:
    """Replace the text in the copy and return the file as it was. Raises SystemExit where it is not there once."""
    path = place / bug.file
    text = path.read_text(encoding="utf-8")
    if (found := text.count(bug.old)) != 1:
        sys.exit(f"{bug.name}: {bug.file} holds the text to replace {found} times, not once: {bug.old!r}")
    path.write_text(text.replace(bug.old, bug.new), encoding="utf-8")
    return text


def main() -> None:
    """Check that the tests are green without a bug and red with each; exit 1 where one was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only bugs whose name or file holds one of these")
    words = parser.parse_args().words
    bugs = [bug for bug in BUGS if not words or any(word in f"{bug.name} {bug.file}" for word in words)]
    if not bugs:
        sys.exit(f"No bug is named so; there are: {', '.join(bug.name for bug in BUGS)}")
    console = Console(width=None if sys.stdout.isatty() else 160)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder).resolve()
        copy_of_the_project(place)
        imported = run(place, "-c", "import pipelines; print(pipelines.__file__)").stdout.strip()
        if not Path(imported).is_relative_to(place):
            sys.exit(f"The tests would run against {imported}, not against the copy in {place}.")
        for tests in dict.fromkeys(bug.tests for bug in bugs):
            console.print(f"without a bug: {' '.join(tests)}")
            sound = test(place, tests)
            if sound.returncode:
                sys.exit(f"{' '.join(tests)} fails without a bug:\n{sound.stdout[-4000:]}{sound.stderr[-1000:]}")
        table = Table("bug", "tests", "outcome", "seconds")
        missed = 0
        for bug in bugs:
            begun = time.monotonic()
            before = plant(bug, place)
            ended = test(place, bug.tests)
            (place / bug.file).write_text(before, encoding="utf-8")
            caught = ended.returncode == RED
            missed += not caught
            outcome = "caught" if caught else f"MISSED (pytest exit {ended.returncode})"
            console.print(f"planted: {bug.name}: {outcome}")
            table.add_row(bug.name, "\n".join(bug.tests), outcome, f"{time.monotonic() - begun:.0f}")
    console.print(table)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
