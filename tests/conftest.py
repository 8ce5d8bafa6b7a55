"""A home of each test's own: landing folders written row by row, a fresh database, and the command line."""

import asyncio
import contextlib
import csv
import io
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psycopg2
import pytest
import structlog
from sqlalchemy.engine import make_url

from api.app import create_app
from contracts.registry import sources
from contracts.settings import PREFIX, TESTS_ONLY, Settings, load_settings
from pipelines import cli
from serving import embedded
from serving.reports import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
TILLHOUSE = [sys.executable, "-c", "from pipelines.cli import main; main()"]
Row = Mapping[str, str]

# One order of two lamps by one customer, delivered the next morning; a test names what differs.
USUAL: dict[str, Row] = {
    "customers": {"customer_id": "C1", "full_name": "Ada Byron", "country": "GB", "updated_at": "2024-01-01"},
    "products": {
        "product_id": "P1",
        "product_name": "Lamp",
        "category": "Light",
        "list_price": "10.00",
        "unit_cost": "4.00",
        "reorder_point": "5",
        "updated_at": "2024-01-01",
    },
    "stores": {"store_id": "S1", "store_name": "High Street", "channel": "retail", "updated_at": "2024-01-01"},
    "orders": {
        "order_id": "O1",
        "customer_id": "C1",
        "status": "delivered",
        "created_at": "2024-01-01T10:00:00",
        "paid_at": "2024-01-01T10:05:00",
        "delivered_at": "2024-01-02T09:00:00",
        "payment_method": "card",
        "currency": "USD",
        "shipping_amount": "4.99",
        "updated_at": "2024-01-02T09:00:00",
    },
    "order_items": {
        "order_id": "O1",
        "line_number": "1",
        "product_id": "P1",
        "quantity": "2",
        "unit_price": "10.00",
        "discount_amount": "1.00",
        "tax_amount": "3.00",
    },
    "returns": {
        "return_id": "R1",
        "order_id": "O1",
        "line_number": "1",
        "quantity": "1",
        "returned_at": "2024-01-05T12:00:00",
        "reason": "broken",
    },
    "inventory_movements": {
        "movement_id": "M1",
        "product_id": "P1",
        "movement_type": "receipt",
        "quantity": "20",
        "occurred_at": "2024-01-01T06:00:00",
    },
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The property tests first: they take longest, and a worker should not be alone with them at the end."""
    items.sort(key=lambda item: "properties" not in item.path.parts)


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    exit_code: int
    out: str
    err: str


class Home:
    """A home folder and its database."""

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        self.url = url

    @property
    def settings(self) -> Settings:
        """What a command started now goes by."""
        return load_settings()

    def land(self, day: str, /, **files: Sequence[Row]) -> Path:
        """Write `<source>[_anything]=rows` as CSVs of a landing date; a row names only what is not usual."""
        folder = self.path / "landing" / day
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in files.items():
            source = max((each for each in sources() if name.startswith(each)), key=len)
            full = [dict(USUAL[source]) | dict(row) for row in rows]
            header = list(dict.fromkeys([*sources()[source].names, *itertools.chain(*full)]))
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
                writer = csv.DictWriter(handle, header)
                writer.writeheader()
                writer.writerows(full)
        return folder

    def run(self, *arguments: str) -> Ran:
        """A command in this process."""
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            patch.setattr(sys, "argv", ["tillhouse", *arguments])
            with pytest.raises(SystemExit) as ended:
                cli.main()
        structlog.reset_defaults()  # its output was ours
        texts = [stream.buffer.getvalue().decode() for stream in (out, err) if stream.flush() is None]
        return Ran(int(ended.value.code or 0), *texts)

    def succeed(self, *arguments: str) -> Ran:
        """A command that must end 0."""
        ran = self.run(*arguments)
        assert ran.exit_code == 0, ran.err
        return ran

    def spawn(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """A command in a process of its own, its output in pipes."""
        return subprocess.Popen(
            [*TILLHOUSE, *arguments],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def rows(self, query: str, *arguments: str) -> list[dict[str, str]]:
        """The rows `tillhouse sql` gives, every value as CSV spells it."""
        return list(csv.DictReader(io.StringIO(self.succeed("sql", query, "--format", "csv", *arguments).out)))

    def ask(self, path: str) -> Any:
        """The JSON the API gives over this home."""

        async def answer() -> Any:
            app = create_app(self.settings)
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as client,
            ):
                return (await client.get(path)).json()

        return asyncio.run(answer())

    def database(self, query: str) -> list[tuple[Any, ...]]:
        """Rows straight from Postgres."""
        with contextlib.closing(psycopg2.connect(self.url)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(query)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """The system's Chromium; a test that asks for it is skipped where there is none."""
    from playwright.sync_api import sync_playwright

    if (installed := chromium.find()) is None:
        pytest.skip("no chromium is installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=installed,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield found
        found.close()


class Databases:
    """Fresh databases on one embedded server, and copies of them."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._numbers = itertools.count(1)

    def make(self, template: str | None = None) -> str:
        """A new database, empty or a copy; returns its URL."""
        name = f"test_{next(self._numbers)}"
        source = "template1"
        if template is not None:
            source = str(make_url(template).database)
            # A command that ran in this process may still hold a connection, and a copy is of a database at rest.
            self._execute(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{source}'")
        self._execute(f"create database {name} template {source}")
        return self._url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected."""
        self._execute(f"drop database {make_url(url).database} with (force)")

    def _execute(self, statement: str) -> None:
        with contextlib.closing(psycopg2.connect(self._url.render_as_string(hide_password=False))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """The embedded server of this test process."""
    settings = Settings(home=tmp_path_factory.mktemp("server"), database_url=None)
    url = embedded.start(settings)
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        # No test pulls the plug, and making and dropping databases is mostly waiting for the disk.
        cursor.execute("alter system set fsync = off")
        cursor.execute("select pg_reload_conf()")
    yield Databases(url)
    embedded.stop(settings)


def enter(patch: pytest.MonkeyPatch, path: Path, url: str) -> Home:
    """Let the settings name a home and its database, and nothing else."""
    for name in list(os.environ):
        if name.startswith(PREFIX) and name != TESTS_ONLY:
            patch.delenv(name)
    patch.setenv("TILLHOUSE_HOME", str(path))
    patch.setenv("TILLHOUSE_DATABASE_URL", url)
    return Home(path, url)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The URL of an empty database."""
    url = databases.make()
    yield url
    databases.drop(url)


@pytest.fixture
def home(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home with an empty database; the settings name both."""
    return enter(monkeypatch, tmp_path / "a home", database_url)


@pytest.fixture(scope="session")
def _first_day(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    with pytest.MonkeyPatch.context() as patch:
        home = enter(patch, tmp_path_factory.mktemp("shop") / "a home", databases.make())
        usual: dict[str, list[Row]] = {
            name: [{}] for name in ("customers", "products", "orders", "order_items", "inventory_movements")
        }
        home.land("2024-01-02", **usual)
        home.succeed("pipeline", "2024-01-02")
        return home.path, home.url


@pytest.fixture
def another_shop(
    _first_day: tuple[Path, str], databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Home]]:
    """Makes a home whose first day is released, and goes over to it."""
    path, template = _first_day
    urls: list[str] = []

    def make() -> Home:
        urls.append(databases.make(template))
        copied = shutil.copytree(path, tmp_path / f"shop {len(urls)}")
        return enter(monkeypatch, copied, urls[-1])

    yield make
    for url in urls:
        databases.drop(url)


@pytest.fixture
def shop(another_shop: Callable[[], Home]) -> Home:
    """A home whose first day, 2024-01-02, is released: one order of two lamps, 20 gross, 16 net."""
    return another_shop()
