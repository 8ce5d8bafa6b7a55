"""Homes to torture: prepared once, copied for each round, compared with one that nothing disturbed."""

import contextlib
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from contracts.registry import lake_tables, tables
from contracts.settings import Settings
from lake import delta
from lake import release as releases
from lake.connection import over
from tests.conftest import Databases, Home
from tests.faults.launcher import Ended, Launcher

FIRST, DAY = "2024-01-02", "2024-01-03"
WORK_S = 10.0  # what the command after a fault may cost beyond its own
State = dict[str, Any]

# What a reader can see of a release at a glance: served tables and lake tables have these names alike.
TOTALS = (
    "select count(*), sum(net_revenue) from {}.fct_orders",
    "select count(*), sum(net_revenue), sum(units) from {}.fct_revenue_daily",
    "select count(*), max(valid_from) from {}.dim_product",
    "select count(*), sum(on_hand) from {}.fct_inventory_daily",
)


def land_first(home: Home) -> None:
    """A day of two customers, two products, a store, three orders."""
    home.land(
        FIRST,
        customers=[{}, {"customer_id": "C2"}],
        products=[{}, {"product_id": "P2", "product_name": "Vase", "list_price": "30.00"}],
        stores=[{}],
        orders=[{}, {"order_id": "O2", "customer_id": "C2", "store_id": "S1"}, {"order_id": "O3"}],
        order_items=[{}, {"order_id": "O2"}, {"order_id": "O3", "product_id": "P2", "unit_price": "30.00"}],
        inventory_movements=[{}, {"movement_id": "M2", "product_id": "P2"}],
    )


def land_day(home: Home, day: str = DAY) -> None:
    """A day that touches every table: a new order, a changed one, a price, a return, a bad row, a file to reject."""
    order = {
        "order_id": f"O{day}",
        "customer_id": f"N{day}",
        "created_at": f"{day}T08:00:00",
        "paid_at": f"{day}T08:05:00",
        "delivered_at": f"{day}T20:00:00",
        "updated_at": f"{day}T20:00:00",
    }
    changed = {"order_id": "O2", "customer_id": "C2", "shipping_amount": f"{int(day[-2:])}.00"}
    vases = {"order_id": f"O{day}", "product_id": "P2", "unit_price": "30.00"}
    folder = home.land(
        day,
        customers=[{"customer_id": f"N{day}"}],
        products=[{"list_price": "12.00", "updated_at": day}],
        stores=[{"store_name": f"High Street {day}", "updated_at": day}],
        orders=[order, {**changed, "updated_at": f"{day}T09:00:00"}],
        # One bad line in 24 is below the share that stops a run.
        order_items=[{"order_id": f"O{day}", "unit_price": "12.00"}, {"quantity": "0", "line_number": "2"}]
        + [{**vases, "line_number": str(number)} for number in range(2, 24)],
        returns=[{"return_id": f"R{day}", "order_id": "O3", "returned_at": f"{day}T10:00:00"}] if day == DAY else [],
        inventory_movements=[{"movement_id": f"M{day}", "movement_type": "shipment", "quantity": "17"}],
    )
    (folder / "orders_broken.csv").write_text(f'order_id,status\n"{day}')


def everything(home: Path, url: str) -> State:
    """All that a release shows, without clocks: gold, quality and quarantine of the lake, and what Postgres serves."""
    settings = Settings(home=home, database_url=url)
    found: State = {}
    release = releases.current(settings)
    found["release"] = None if release is None else (release.release_id, str(release.as_of), release.settings)
    if release is not None:
        with over(settings, release) as con:
            for table in [*tables("gold").values(), *tables("quality").values()]:
                found[table.full_name] = con.sql(f"select * from {table.full_name} order by all").fetchall()
            quarantine = "select source, landing_date, source_file, row_number, reasons, status from silver.quarantine"
            found["silver.quarantine"] = con.sql(f"{quarantine} order by all").fetchall()
            for name in lake_tables():
                if name.startswith(("bronze.", "silver.")):
                    found[f"rows of {name}"] = con.sql(f"select count(*) from {name}").fetchall()
    served = [table.name for table in [*tables("gold").values(), *tables("quality").values()] if table.served]
    with database(url) as cursor:
        for name in served if release is not None else []:
            for schema in ("serving", "serving_history"):
                cursor.execute(f"select * from {schema}.{name}")
                found[f"{schema}.{name}"] = sorted(map(str, cursor.fetchall()))
        if release is not None:
            cursor.execute("select source, row_number, reasons, status from serving.quarantine order by 1, 2")
            found["serving.quarantine"] = cursor.fetchall()
            cursor.execute("select landing_date, source_file, kept_as from lakehouse.rejected_files order by 1, 2")
            found["rejected"] = [(*row, (home / "rejected" / row[2]).read_bytes()) for row in cursor.fetchall()]
    return found


@contextlib.contextmanager
def database(url: str) -> Iterator[Any]:
    """A cursor of a session of its own that reads."""
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        yield connection.cursor()
    finally:
        connection.close()


def glance(rows: Any) -> str:
    """Totals as a text that is the same from Postgres and from DuckDB."""
    return str(
        [[str(value).rstrip("0").rstrip(".") if "." in str(value) else str(value) for value in row] for row in rows]
    )


def served_glance(cursor: Any) -> tuple[int | None, str]:
    """The release in force and its totals, in one transaction as the API reads."""
    cursor.execute("begin isolation level repeatable read read only")
    try:
        cursor.execute("select to_regclass('serving.publication')")
        if cursor.fetchone()[0] is None:
            return None, ""
        cursor.execute("select release_id from serving.publication")
        (release_id,) = cursor.fetchone()
        found = []
        for query in TOTALS:
            cursor.execute(query.format("serving"))
            found.append(cursor.fetchone())
        return release_id, glance(found)
    finally:
        cursor.execute("rollback")


def lake_glance(settings: Settings) -> tuple[int | None, str]:
    """The release in force as the lake has it, and its totals."""
    release = releases.current(settings)
    if release is None:
        return None, ""
    with over(settings, release) as con:
        return release.release_id, glance(con.sql(query.format("gold")).fetchall()[0] for query in TOTALS)


@dataclass
class Watch:
    """Readers that look all the time; every answer must be wholly one release. Use as a context."""

    home: Path
    url: str
    expected: dict[int | None, str]  # release to its totals
    answers: int = 0
    lost: int = 0  # no answer, because the server was struck
    mixed: list[str] = field(default_factory=list)
    pause_s: float = 0.1
    may_lose: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Watch":
        self._threads = [threading.Thread(target=each) for each in (self._watch_served, self._watch_lake)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _judge(self, who: str, release_id: int | None, totals: str) -> None:
        self.answers += 1
        if self.expected.get(release_id) != totals:
            self.mixed.append(f"{who} of release {release_id}: {totals}, not {self.expected.get(release_id)}")

    def _watch_served(self) -> None:
        newest = 0
        while not self._stop.is_set():
            try:
                with database(self.url) as cursor:
                    while not self._stop.wait(self.pause_s):
                        release_id, totals = served_glance(cursor)
                        self._judge("serving", release_id, totals)
                        if (release_id or 0) < newest:
                            self.mixed.append(f"serving went back from release {newest} to {release_id}")
                        newest = release_id or 0
            except psycopg2.Error as error:
                self._lose("serving", error)

    def _watch_lake(self) -> None:
        settings = Settings(home=self.home, database_url=self.url)
        while not self._stop.wait(self.pause_s * 8):
            try:
                self._judge("lake", *lake_glance(settings))
            except Exception as error:  # noqa: BLE001 (whatever it is, a reader got no answer)
                self._lose("lake", error)

    def _lose(self, who: str, error: Exception) -> None:
        self.lost += 1
        if not self.may_lose:
            self.mixed.append(f"{who} got no answer: {type(error).__name__}: {error}")
        time.sleep(0.1)


class Copy(Home):
    """A copied home; its commands are given `given` as their database, or nothing where they are to use their own."""

    def __init__(self, path: Path, url: str, given: str | None) -> None:
        super().__init__(path, url)
        self.given = given

    @property
    def settings(self) -> Settings:
        """Of this home and no other: several are there at once, and none is the environment's."""
        return Settings(home=self.path, database_url=self.url)


def leftovers(home: Path, url: str) -> list[str]:
    """What a command that ended 0 must not leave: open records, pending pages, parts of files, unreleased versions."""
    found = [str(path) for path in (home / "reports").rglob("*.part")]
    found += [str(path) for path in (home / "reports" / ".pending").glob("*")]
    found += [str(path) for path in (home / "lake").glob("_lake.*[0-9]")]
    found += [str(path) for path in (home / "lake" / "_releases").glob(".*")]
    with database(url) as cursor:
        cursor.execute("select run_id from lakehouse.runs where status = 'running'")
        found += [f"run {run_id} is said to run" for (run_id,) in cursor.fetchall()]
        cursor.execute("select landing_date from lakehouse.open_folders")
        found += [f"the folder of {day} is said to be open" for (day,) in cursor.fetchall()]
        cursor.execute("select run_id, status from lakehouse.runs join lakehouse.releases using (run_id)")
        found += [f"run {run_id} is {status}, and released" for run_id, status in cursor if status != "released"]
    settings = Settings(home=home, database_url=url)
    release = releases.current(settings)
    if release is not None:
        if not releases.has_copy(settings, release):
            found.append(f"release {release.release_id} has no copy beside the lake")
        if (
            f'"release_id": {release.release_id},'
            not in (home / "reports" / str(release.as_of) / "report.json").read_text()
        ):
            found.append(f"the report of {release.as_of} is not of release {release.release_id}")
    return found + unreleased(settings)


def unreleased(settings: Settings) -> list[str]:
    """The tables whose newest version does not show what the release in force shows."""
    release = releases.current(settings)
    found = []
    for name, table in lake_tables().items():
        newest = delta.newest_version(settings.lake, table)
        version = 0 if release is None else release.versions[name]
        if newest is not None and delta.files(settings.lake, table, newest) != delta.files(
            settings.lake, table, version
        ):
            found.append(f"{name} stands at version {newest}, the release at {version}")
    return found


@dataclass
class World:
    """A base home with its first day released and the next one landed, and what it becomes undisturbed."""

    folder: Path
    databases: Databases
    launcher: Launcher
    empty: Copy = field(init=False)  # both days landed, nothing loaded
    base: Copy = field(init=False)
    before: State = field(init=False)  # of the base
    after: State = field(init=False)
    glances: dict[int | None, str] = field(init=False)
    usual: Ended = field(init=False)  # the slowest of the undisturbed runs
    recorded: list[str] = field(init=False)  # the points of one, in order
    growth: int = field(init=False)  # bytes a run adds
    _copies: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        url = self.databases.make()
        self.empty = Copy(self.folder / "empty", url, url)
        land_first(self.empty)
        land_day(self.empty)
        self.base = self.copy(self.empty)
        succeed(self.launcher, self.base, FIRST)
        self.before = everything(self.base.path, self.base.url)
        runs = []
        for _ in range(2):
            quiet = self.copy(self.base)
            command = self.launcher.start(quiet.path, quiet.url, "pipeline", DAY, point="", fault="record")
            runs.append(command.wait())
            assert runs[-1].status == 0, runs[-1].err
        self.recorded = command.points
        self.usual = max(runs, key=lambda ended: ended.seconds)
        self.growth = size(quiet.path) - size(self.base.path)
        self.after = everything(quiet.path, quiet.url)
        assert leftovers(quiet.path, quiet.url) == []
        self.glances = {None: ""}
        for home in (self.base, quiet):
            settings = home.settings
            release_id, totals = lake_glance(settings)
            with database(home.url) as cursor:
                assert served_glance(cursor) == (release_id, totals)
            self.glances[release_id] = totals
        self.drop(quiet)

    def copy(self, of: Copy) -> Copy:
        """A home and its database of a round's own."""
        with self._lock:
            self._copies += 1
            path = self.folder / f"copy {self._copies}"
            url = self.databases.make(of.url)
        shutil.copytree(of.path, path)
        return Copy(path, url, url)

    def drop(self, home: Copy) -> None:
        """Forget a copy."""
        self.databases.drop(home.url)
        shutil.rmtree(home.path)

    def watch(self, home: Copy, **options: Any) -> Watch:
        """Readers of a copy."""
        return Watch(home.path, home.url, self.glances, **options)


def succeed(launcher: Launcher, home: Copy, day: str) -> Ended:
    """Load a day, undisturbed."""
    ended = launcher.start(home.path, home.given, "pipeline", day).wait()
    assert ended.status == 0, ended.err
    return ended


def size(folder: Path) -> int:
    """Bytes a folder takes, in whole pages."""
    return sum(-(-path.lstat().st_size // 4096) * 4096 for path in folder.rglob("*"))
