"""The roles that only read: what each may see, on a server of our own and on somebody else's."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import psycopg2
import pytest
import structlog.testing
from sqlalchemy.engine import make_url

from api.app import create_app
from contracts import registry
from contracts.columns import PERSONAL
from contracts.settings import Settings
from serving import ddl, embedded, migrate, postgres, roles
from serving.read import Reader
from tests.api.conftest import served
from tests.conftest import Home


@pytest.fixture(scope="module")
def our_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home on its embedded server: one day, its customer known by name and mail address, one bad order."""
    with pytest.MonkeyPatch.context() as patch:
        path = tmp_path_factory.mktemp("ours") / "home"
        patch.setenv("TILLHOUSE_HOME", str(path))
        patch.delenv("TILLHOUSE_DATABASE_URL", raising=False)
        home = Home(path, "")
        home.land(
            "2024-01-02",
            customers=[{"email": "ada@example.org"}],
            products=[{}],
            orders=[{}, {"order_id": "O2", "status": "lost"}],
            order_items=[{}],
            inventory_movements=[{}],
        )
        home.succeed("pipeline", "2024-01-02")
        home.url = embedded.start(home.settings)
        yield home
        embedded.stop(home.settings)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Somebody else's server, as its administrator reaches it: without any role of ours."""
    settings = Settings(home=tmp_path / "theirs")
    yield embedded.start(settings)
    embedded.stop(settings)


def execute(url: str, statement: str) -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def refusal(url: str, statement: str) -> str:
    """Why the database does not run the statement, though it is asked for a transaction that may write."""
    with pytest.raises(psycopg2.Error) as refused:
        execute(url, f"begin read write; {statement}")
    return str(refused.value)


def of_owner(server: str, options: str) -> Settings:
    """Settings of a home whose database belongs to an owner who is no superuser."""
    execute(server, f"create role shop login password 'till' {options}")
    execute(server, "create database shop owner shop")
    url = make_url(server).set(username="shop", password="till", database="shop")
    return Settings(home=Path("/nowhere"), database_url=url.render_as_string(hide_password=False))


def publish_something(settings: Settings) -> None:
    """The least that a reader needs, made by the owner."""
    execute(
        str(settings.database_url),
        "create schema lakehouse; create schema serving;"
        'create table lakehouse.releases as select 1::bigint as release_id, \'{"timezone": "UTC"}\'::jsonb as settings;'
        "create view serving.publication as select release_id, 'run' as run_id, date '2024-01-02' as as_of,"
        " timestamptz '2024-01-03 00:00+00' as published_at from lakehouse.releases",
    )


def prepare(settings: Settings) -> list[str]:
    """Prepares the roles; returns the statements somebody else is asked to run."""
    engine = postgres.engine(settings)
    with structlog.testing.capture_logs() as logged:
        roles.prepare(engine, settings)
    engine.dispose()
    return [statement for entry in logged for statement in entry["statements"].split("; ")]


def read_as(settings: Settings) -> tuple[str, str]:
    """Whom the API logs in as, and whom it reads as, where something is published."""

    async def ask() -> tuple[str, str]:
        reader = Reader(settings)
        try:
            await reader.read(lambda snapshot: asyncio.sleep(0, snapshot))
            async with reader.pool.acquire() as connection:
                who = await connection.fetchrow("select session_user::text, current_user::text")
                return who[0], who[1]
        finally:
            await reader.close()

    return asyncio.run(ask())


def test_the_api_reads_every_list_by_a_login_of_its_own(our_shop: Home) -> None:
    paths = create_app(our_shop.settings).openapi()["paths"]
    ids = {"days": "30", "product_id": "P1", "customer_id": "C1", "order_id": "O1", "table": "dim_store"}
    with served(our_shop.settings) as client:
        asked = {path: path.format(**ids) + "?since_release=0" * (path == "/v1/changes") for path in paths}
        answers = {path: client.get(url).status_code for path, url in asked.items()}
        users = our_shop.database("select usename from pg_stat_activity where application_name = 'tillhouse api'")
    assert answers == dict.fromkeys(paths, 200)
    assert len(answers) >= 6
    assert set(users) == {("tillhouse_api",)}
    assert read_as(our_shop.settings) == ("tillhouse_api", "tillhouse_api")


@pytest.mark.parametrize(
    "statement",
    [
        "update serving_v1.fct_orders set status = 'paid'",
        "delete from lakehouse.releases",
        "insert into lakehouse.lake values ('mine')",
        "create table serving.mine (a int)",
        "create temporary table mine (a int)",
        "create schema mine",
        "set role tillhouse",
    ],
)
def test_the_apis_engine_cannot_write_whatever_transaction_it_asks_for(our_shop: Home, statement: str) -> None:
    async def write() -> None:
        reader = Reader(our_shop.settings)
        try:
            await reader.pool
            async with reader.pool.acquire() as connection:
                await connection.execute("begin read write")
                await connection.execute(statement)
        finally:
            await reader.close()

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
        asyncio.run(write())


@pytest.mark.parametrize("role", [roles.API, roles.BI])
def test_a_reading_role_is_read_only_and_its_statements_end_in_time(our_shop: Home, role: str) -> None:
    url = roles.url(our_shop.settings, role)
    assert execute(url, "show default_transaction_read_only") == [("on",)]
    assert execute(url, "show statement_timeout") == [("10s" if role == roles.API else "5min",)]
    assert execute(url, "show idle_in_transaction_session_timeout") == [("1min",)]
    assert "permission denied" in refusal(url, "update serving.dim_store set store_name = 'mine'")
    assert "permission denied" in refusal(url, "create temporary table mine (a int)")


@pytest.mark.parametrize("relation", ["lakehouse.serving_version", "lakehouse.lake", "serving_v1.dim_customer"])
def test_the_api_may_read_what_its_queries_name_and_no_more(our_shop: Home, relation: str) -> None:
    url = roles.url(our_shop.settings, roles.API)
    assert execute(url, "select email from serving.dim_customer") == [("ada@example.org",)]
    assert execute(url, "select count(*) from serving_history.dim_customer") == [(0,)]
    assert execute(url, "select release_id from lakehouse.releases") == [(1,)]
    assert "permission denied" in refusal(url, f"select * from {relation}")


def test_a_bi_tool_sees_every_served_table_without_personal_data(our_shop: Home) -> None:
    url = roles.url(our_shop.settings, roles.BI)
    shown: dict[str, list[str]] = {}
    for table, column in execute(
        url,
        "select table_name, column_name from information_schema.columns where table_schema = 'serving_bi'"
        " order by ordinal_position",
    ):
        shown.setdefault(table, []).append(column)
    served = {table.name: [name for name in table.names if name not in PERSONAL] for table in ddl.served_tables()}
    assert {name: shown[name] for name in served} == served
    assert shown.keys() - served.keys() == {"publication", "revenue_orders"}
    # Named without a schema: the tool's own way of listing a table.
    assert "email" not in shown["dim_customer"]
    assert len(execute(url, "select * from dim_customer")) == 1
    assert execute(url, "select source_file, reasons from quarantine") == [("orders.csv", ["status:enum"])]
    assert execute(url, "select release_id from publication") == [(1,)]


@pytest.mark.parametrize(
    "query",
    [
        "select email from dim_customer",
        "select full_name from serving_bi.dim_customer",
        "select email from serving.dim_customer",
        "select email from serving_v1.dim_customer",
        "select email from serving_history.dim_customer",
        "select raw from quarantine",
        "select raw from serving.quarantine",
        "select raw from lakehouse.stopped_quarantine",
        "set role tillhouse_api",
    ],
)
def test_a_bi_tool_gets_at_no_name_no_mail_address_and_no_row_as_it_arrived(our_shop: Home, query: str) -> None:
    said = refusal(roles.url(our_shop.settings, roles.BI), query)
    assert "permission denied" in said or "does not exist" in said
    statistics = "select count(*) from pg_stats where attname in ('email', 'full_name', 'raw')"
    assert execute(roles.url(our_shop.settings, roles.BI), statistics) == [(0,)]


def test_a_column_marked_personal_later_is_hidden_by_the_next_release_and_a_new_table_is_readable(
    shop: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = registry.tables

    def marked(layer: Any) -> Any:
        found = real(layer)
        if layer != "gold":
            return found
        store = found["dim_store"]
        columns = tuple(replace(column, personal=column.name == "store_name") for column in store.columns)
        return found | {"dim_store": replace(store, columns=columns), "dim_shop": store.bound("gold", "dim_shop")}

    def may(role: str, relation: str) -> bool:
        [(allowed,)] = shop.database(f"select has_table_privilege('{role}', '{relation}', 'select')")
        return bool(allowed)

    assert shop.database("select store_name from serving_bi.dim_store") == [("unknown",)]
    monkeypatch.setattr(ddl, "tables", marked)
    engine = postgres.engine(shop.settings)
    with engine.begin() as connection:
        target = migrate.prepare(connection)
        migrate.complete(connection, target, release_id=2)
        migrate.finish(connection, target)
    engine.dispose()
    assert may(roles.API, "serving.dim_store")
    assert may(roles.API, "serving.dim_shop")
    assert may(roles.API, "serving_history.dim_shop")
    assert may(roles.BI, "serving_bi.dim_shop")
    with pytest.raises(psycopg2.errors.UndefinedColumn):
        shop.database("select store_name from serving_bi.dim_store")


def test_each_role_has_a_password_that_its_owner_alone_reads(our_shop: Home) -> None:
    files = [our_shop.settings.postgres / "password", *map(our_shop.settings.role_password_file, (roles.API, roles.BI))]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600] * 3
    assert len({file.read_text() for file in files}) == 3
    kept = execute(our_shop.url, "select rolpassword from pg_authid where rolname like 'tillhouse%'")
    assert all(known.startswith("SCRAM-SHA-256$") for (known,) in kept)
    assert len(kept) == 3


@pytest.mark.parametrize("change", ["the file is lost", "the file is another's", "the login is taken away"])
def test_a_login_that_does_not_fit_its_file_is_made_to_fit(our_shop: Home, change: str) -> None:
    file = our_shop.settings.role_password_file(roles.BI)
    if change == "the file is lost":
        file.unlink()
    elif change == "the file is another's":
        file.write_text("another\n")
    else:
        execute(our_shop.url, "alter role tillhouse_bi nologin")
    our_shop.succeed("status")
    assert execute(roles.embedded_url(our_shop.settings, roles.BI), "select current_user") == [("tillhouse_bi",)]


def test_preparing_again_changes_nothing_and_keeps_a_setting_of_the_shops_own(our_shop: Home) -> None:
    execute(our_shop.url, "alter role tillhouse_bi in database tillhouse set statement_timeout = '1h'")
    state = (
        "select (select max(xmin::text::bigint) from pg_authid),"
        " (select max(xmin::text::bigint) from pg_class where relacl is not null),"
        " (select max(xmin::text::bigint) from pg_db_role_setting)"
    )
    before = execute(our_shop.url, state)
    assert prepare(our_shop.settings) == []
    assert execute(our_shop.url, state) == before
    assert execute(roles.url(our_shop.settings, roles.BI), "show statement_timeout") == [("1h",)]
    execute(our_shop.url, "alter role tillhouse_bi in database tillhouse set statement_timeout = '5min'")


def test_an_owner_who_may_make_roles_makes_them_and_the_api_takes_its_own(server: str) -> None:
    settings = of_owner(server, "createrole")
    publish_something(settings)
    assert prepare(settings) == []
    assert read_as(settings) == ("shop", "tillhouse_api")
    # They are nobody's login until the administrator says so.
    assert execute(server, "select rolname from pg_roles where rolcanlogin and rolname ~ '_(api|bi)$'") == []
    assert prepare(settings) == []


def test_where_the_owner_may_not_make_roles_it_is_said_what_to_run_and_the_api_goes_on(server: str) -> None:
    settings = of_owner(server, "")
    publish_something(settings)
    asked = prepare(settings)
    assert asked[:2] == ["create role tillhouse_api", "create role tillhouse_bi"]
    assert read_as(settings) == ("shop", "shop")
    in_database = make_url(server).set(database="shop").render_as_string(hide_password=False)
    for statement in asked:
        execute(in_database, statement)
    assert prepare(settings) == []
    assert read_as(settings) == ("shop", "tillhouse_api")


def test_a_login_of_the_administrators_reads_for_the_api_without_the_owners_password(server: str) -> None:
    settings = of_owner(server, "createrole")
    publish_something(settings)
    prepare(settings)
    execute(server, "create role reader login password 'only' in role tillhouse_api")
    url = make_url(server).set(username="reader", password="only", database="shop")
    alone = Settings(home=Path("/nowhere"), api_database_url=url.render_as_string(hide_password=False))
    assert read_as(alone) == ("reader", "reader")


def test_a_login_without_the_role_is_told_so(server: str) -> None:
    settings = of_owner(server, "createrole")
    publish_something(settings)
    execute(server, "create role reader login password 'only'")
    url = make_url(server).set(username="reader", password="only", database="shop")
    stranger = Settings(home=Path("/nowhere"), api_database_url=url.render_as_string(hide_password=False))
    with pytest.raises(postgres.DatabaseUnavailable, match="must be a member of that role"):
        read_as(stranger)


def test_two_databases_of_one_server_prepare_at_once(server: str) -> None:
    ended: list[list[str]] = []
    ready = threading.Barrier(4, timeout=30)

    def run(number: int) -> None:
        url = make_url(server).set(database=f"shop_{number}").render_as_string(hide_password=False)
        ready.wait()
        ended.append(prepare(Settings(home=Path("/nowhere"), database_url=url)))

    for number in range(4):
        execute(server, f"create database shop_{number}")
    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == [[]] * 4
