"""A real database with a small shop in it, made by hand, and the API over it."""

import asyncio
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any, TypeVar

import httpx
import psycopg2
import pytest
import requests
import uvicorn
from fastapi import FastAPI
from schemathesis import Case

from api.app import create_app
from api.server import OPTIONS
from contracts.settings import Settings
from serving import embedded, postgres, roles
from tests.api import shop
from tests.conftest import ROOT, TILLHOUSE, Databases, Home, enter

# Release 2 is in force, as of 2024-02-07. Amounts of a date follow from its number n since 2023-12-25 (n = 1).
SHOP = """
create schema lakehouse;
create schema serving;
create table lakehouse.releases (release_id bigint, run_id text, as_of date, created_at timestamptz, settings jsonb);
create table serving.publication (release_id bigint, run_id text, as_of date, published_at timestamptz);
insert into lakehouse.releases values
  (1, 'run-1', '2023-07-01', '2023-07-02 01:30:00+00', '{"timezone": "Europe/London"}'),
  (2, 'run-2', '2024-02-07', '2024-02-08 02:30:00.5+00', '{"timezone": "Europe/London"}');
insert into serving.publication values (2, 'run-2', '2024-02-07', '2024-02-08 02:30:00.5+00');

create table serving.fct_revenue_daily (
  date date, orders bigint, units bigint, customers bigint, new_customers bigint, repeat_customers bigint,
  guest_orders bigint, gross_revenue numeric(18,4), discounts numeric(18,4), taxes numeric(18,4),
  refunds numeric(18,4), net_revenue numeric(18,4), aov numeric(18,4), orders_returned bigint,
  return_rate double precision, returns_received bigint, recognized_gross numeric(18,4),
  recognized_discounts numeric(18,4), recognized_taxes numeric(18,4), recognized_refunds numeric(18,4),
  recognized_net numeric(18,4));
insert into serving.fct_revenue_daily
select '2023-12-24'::date + n, n, 2 * n, n, 1, n - 1, 0, 10 * n, n, 2 * n, 0.5, 7 * n - 0.5, 7, 1, 1.0 / n, 1,
       100, 10, 20, 5.25, 64.75
from generate_series(1, 45) as n;
update serving.fct_revenue_daily
set orders = 0, units = 0, customers = 0, new_customers = 0, repeat_customers = 0, gross_revenue = 0, discounts = 0,
    taxes = 0, refunds = 12.34, net_revenue = -12.34, aov = null, orders_returned = 0, return_rate = null
where date = '2024-01-01';

create table serving.fct_cohort_ltv (
  cohort_date date, window_days bigint, cohort_size bigint, is_mature boolean, retained_customers bigint,
  retention_rate double precision, orders bigint, net_revenue numeric(18,4), ltv numeric(18,4));
insert into serving.fct_cohort_ltv values
  ('2023-12-30', 30, 8, true, 0, 0, 8, -10.0004, -1.2501),
  ('2024-01-01', 30, 2, true, 1, 0.5, 3, 6.0003, 3.0002),
  ('2024-01-02', 30, 6, true, 1, 0.16666666666666666, 7, 4.0001, 0.6667),
  ('2024-02-01', 30, 1, true, 0, 0, 1, 5, 5),
  ('2024-02-02', 30, 3, false, 0, 0, 3, 10, 3.3333),
  ('2024-01-01', 7, 2, true, 0, 0, 2, 5, 2.5);

create table serving.fct_inventory_alerts (
  alert_id text, product_id text, opened_on date, resolved_on date, days_open bigint, severity text,
  on_hand bigint, allocated bigint, available bigint, reorder_point bigint, shortfall bigint);
insert into serving.fct_inventory_alerts values
  ('a1', 'SKU-1', '2024-02-05', null, 3, 'at_risk', 9, 5, 4, 10, 6),
  ('a2', 'SKU-2', '2024-02-05', null, 3, 'stockout', 3, 5, -2, 10, 12),
  ('a0', 'SKU-1', '2024-01-10', '2024-01-12', 2, 'stockout', 0, 0, 0, 10, 10),
  ('a3', 'a/"quoted", SKU é', '2024-02-06', '2024-02-07', 1, 'at_risk', 9, 0, 9, 10, 1);
"""

T = TypeVar("T")
Serve = Callable[[Settings], AbstractContextManager["Client"]]


class Client:
    """Asks an application without a network between."""

    def __init__(self, runner: asyncio.Runner, client: httpx.AsyncClient, app: FastAPI) -> None:
        self._runner = runner
        self._client = client
        self._app = app

    def run(self, work: Callable[[FastAPI], Coroutine[Any, Any, T]]) -> T:
        """What a coroutine function makes of the application, in its loop."""
        return self._runner.run(work(self._app))

    def get(self, path: str, accept: str = "*/*", **headers: str) -> httpx.Response:
        """The answer; a header's name is written with underscores."""
        return self._runner.run(self._client.get(path, headers={"Accept": accept, **_named(headers)}))

    def head(self, path: str) -> httpx.Response:
        return self._runner.run(self._client.head(path))

    def send(self, case: Case) -> httpx.Response:
        """The answer to a request that was made from the document."""
        made = requests.Request(**case.as_transport_kwargs(base_url="http://shop")).prepare()
        headers = {name: value for name, value in made.headers.items() if name.lower() != "content-length"}
        return self._runner.run(self._client.request(made.method, made.url, headers=headers, content=made.body))

    def post(self, path: str, **headers: str) -> httpx.Response:
        return self._runner.run(self._client.post(path, headers=_named(headers)))


def _named(headers: dict[str, str]) -> dict[str, bytes]:
    return {name.replace("_", "-"): value.encode() for name, value in headers.items()}


@contextmanager
def served(settings: Settings) -> Iterator[Client]:
    """The API of a home, for the time of a `with`."""
    app = create_app(settings)
    with asyncio.Runner() as runner:
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://shop")
        try:
            yield Client(runner, client, app)
        finally:
            runner.run(client.aclose())
            runner.run(lifespan.__aexit__(None, None, None))


@contextmanager
def listening(settings: Settings, **options: Any) -> Iterator[str]:
    """The API of a home on a port of its own, as `tillhouse serve` runs it; gives its URL."""
    config = uvicorn.Config(create_app(settings), host="127.0.0.1", port=0, **{**OPTIONS, **options})
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    eventually(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)


@contextmanager
def as_command(
    settings: Settings, *arguments: str, **environment: str
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """`tillhouse serve` in processes of its own; gives the first of them and its URL."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    given = {"TILLHOUSE_HOME": str(settings.home), "TILLHOUSE_DATABASE_URL": str(settings.database_url)}
    process = subprocess.Popen(
        [*TILLHOUSE, "serve", "--port", str(port), *arguments],
        cwd=ROOT,
        env=os.environ | given | environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    url = f"http://127.0.0.1:{port}"

    def is_up() -> bool:
        try:
            return httpx.get(f"{url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    try:
        eventually(is_up, 60)
        yield process, url
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def serve() -> Serve:
    """`served`, as a fixture."""
    return served


def eventually(holds: Callable[[], bool], seconds: float = 10) -> float:
    """Waits until something holds; returns how long that took, in seconds."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < seconds, "it never came"
        time.sleep(0.05)
    return time.monotonic() - begun


def execute(url: str, statements: str) -> None:
    """Runs SQL of a test's own."""
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statements)
    finally:
        connection.close()


def let_read(settings: Settings) -> None:
    """Lets the reading roles read what a test made by hand."""
    engine = postgres.engine(settings)
    roles.prepare(engine, settings)
    engine.dispose()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A home whose embedded server holds the shop."""
    settings = Settings(home=tmp_path_factory.mktemp("home"), database_url=None)
    url = embedded.start(settings)
    try:
        execute(url, SHOP)
        let_read(settings)
        yield settings
    finally:
        embedded.stop(settings)


@pytest.fixture
def change(home: Settings) -> Callable[[str], None]:
    """Runs SQL in the home's database."""
    return lambda statements: execute(embedded.start(home), statements)


@pytest.fixture(scope="session")
def client(home: Settings) -> Iterator[Client]:
    """The API over the shop."""
    with served(home) as running:
        yield running


def load_generated(home: Home) -> None:
    """Release 20 landing folders of a generated shop, from 2024-01-02, with bad rows, re-sends and returns."""
    home.succeed("generate", "--start", "2024-01-02", "--days", "20", "--orders-per-day", "30", "--noise", "0.01")
    home.succeed("pipeline", "--all")


@pytest.fixture(scope="session")
def small_shop(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The home of the shop in `shop.py`, after its third release."""
    with pytest.MonkeyPatch.context() as patch:
        home = enter(patch, tmp_path_factory.mktemp("small") / "home", databases.make())
        shop.land(home)
        return home.settings


@pytest.fixture(scope="session")
def api(small_shop: Settings) -> Iterator[Client]:
    """The API over the shop in `shop.py`."""
    with served(small_shop) as running:
        yield running
