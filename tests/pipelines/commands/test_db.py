"""`tillhouse db` and `tillhouse serve`: the database of a home, and who reads it."""

import contextlib
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy.engine import make_url

from serving import embedded
from tests.conftest import Home

LAMPS = {
    "customers": [{"email": "ada@example.org"}],
    "products": [{}],
    "orders": [{}],
    "order_items": [{}],
    "inventory_movements": [{}],
}


@pytest.fixture
def own(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home whose database is embedded, and stopped in the end."""
    monkeypatch.delenv("TILLHOUSE_DATABASE_URL")
    yield home
    embedded.stop(home.settings)


def test_the_url_of_an_external_database_is_shown_without_its_password(shop: Home) -> None:
    ran = shop.succeed("db", "status")
    assert "external, version 18" in ran.out
    assert "@" in ran.out
    assert shop.succeed("db", "url").out.strip() == shop.url
    assert shop.url.split(":")[2].split("@")[0] not in ran.out


@pytest.mark.parametrize("command", ["start", "stop"])
def test_an_external_database_is_not_ours_to_start_or_stop(home: Home, command: str) -> None:
    ran = home.run("db", command)
    assert (ran.exit_code, ran.out) == (2, "")
    assert ran.err == (
        "tillhouse: The database is external (TILLHOUSE_DATABASE_URL); start or stop it where it runs.\n"
    )


def test_the_status_of_an_external_database_that_does_not_answer_names_what_was_tried(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILLHOUSE_DATABASE_URL", "postgresql://who:secret-word@127.0.0.1:1/none")
    ran = home.run("db", "status")
    assert (ran.exit_code, "postgresql://who@127.0.0.1:1/none was tried." in ran.err) == (3, True)
    assert "db status" not in ran.err
    assert "secret-word" not in ran.err
    assert "`tillhouse db status` shows what is tried" in home.run("status").err


def test_the_embedded_server_is_started_shown_and_stopped(own: Home) -> None:
    assert own.succeed("db", "status").out == "stopped\n"
    own.succeed("db", "start")
    assert own.succeed("db", "status").out.startswith("running, version 18")
    own.land("2024-01-02", customers=[{}])
    own.succeed("pipeline", "--all")
    assert own.rows("select customer_id from gold.dim_customer") == [{"customer_id": "C1"}]
    assert own.succeed("db", "stop").out == "stopped\n"
    assert own.succeed("db", "status").out == "stopped\n"
    assert own.succeed("db", "stop").out == "was not running\n"
    assert not embedded.status(own.settings).running


def test_the_url_of_a_reading_role_of_an_external_server_leaves_its_password_to_the_tool(
    shop: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    [said] = shop.succeed("db", "url", "--role", "bi").out.splitlines()
    owner = make_url(shop.url)
    assert said == shop.url.replace(f"{owner.username}:{owner.password}@", "tillhouse_bi@")
    login = "postgresql://reader:only@db.example/till"
    monkeypatch.setenv("TILLHOUSE_API_DATABASE_URL", login)
    assert shop.succeed("db", "url", "--role", "api").out == f"{login}\n"


def test_a_reading_role_of_the_embedded_server_has_a_url_and_a_psql_session(own: Home) -> None:
    own.land("2024-01-02", **LAMPS)
    own.succeed("pipeline", "2024-01-02")
    for role in ("api", "bi"):
        [url] = own.succeed("db", "url", "--role", role).out.splitlines()
        with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute("select current_user")
            assert cursor.fetchone() == (f"tillhouse_{role}",)
    for role, query, said in (
        ("owner", "select email from serving.dim_customer", "ada@example.org"),
        ("bi", "select customer_id, segment from dim_customer", "C1|"),
        ("bi", "select email from serving.dim_customer", "permission denied"),
    ):
        process = own.spawn("db", "psql", "--role", role, "--no-psqlrc", "--tuples-only", "--no-align", "-c", query)
        out, err = process.communicate(timeout=60)
        assert said in out + err
        assert (process.returncode == 0) == (said not in err)


def test_no_password_stands_on_the_command_line_of_psql(shop: Home) -> None:
    password = str(make_url(shop.url).password)
    process = shop.spawn("db", "psql", "--no-psqlrc", "-c", "select pg_sleep(60)")
    try:
        deadline = time.monotonic() + 60
        asleep = "select 1 from pg_stat_activity where query = 'select pg_sleep(60)'"
        while not shop.database(asleep):  # so the password came to psql another way
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        line = Path(f"/proc/{process.pid}/cmdline").read_text()
        assert "psql" in line
        assert password not in line
    finally:
        process.kill()
        process.communicate(timeout=30)


def test_the_api_serves_a_new_home_from_its_first_release_on_and_never_as_the_owner(own: Home) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = own.spawn("serve", "--port", str(port))
    try:
        status, problem = ask(port, "/v1/metrics/daily")
        assert (status, problem["type"]) == (503, "/problems/nothing-published")
        own.land("2024-01-02", **LAMPS)
        own.succeed("pipeline", "2024-01-02")
        status, answer = ask(port, "/v1/metrics/daily")
        assert (status, [row["net_revenue"] for row in answer["data"]][:1]) == (200, ["16.0000"])
        own.url = embedded.start(own.settings)
        users = own.database("select distinct usename from pg_stat_activity where application_name = 'tillhouse api'")
        assert users == [("tillhouse_api",)]
    finally:
        process.terminate()
        process.communicate(timeout=30)


def ask(port: int, path: str) -> tuple[int, dict[str, object]]:
    """Status and JSON of an answer, once somebody listens."""
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)
        except urllib.error.URLError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
