"""Which versions make up a release: Postgres says, or the lake's copy where none answers."""

import json
from datetime import date

import pytest

from contracts.database import KEEPALIVES
from contracts.errors import NotFound, SettingsError
from lake import release as releases


@pytest.fixture
def without_database(monkeypatch):
    """Makes the database unreachable from now on."""
    return lambda: monkeypatch.setenv("TILLHOUSE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")


def second_day(shop):
    shop.land("2024-01-03", customers=[{"customer_id": "C2"}])
    shop.succeed("pipeline", "2024-01-03")


def test_the_newest_release_is_in_force_and_older_ones_are_named(shop):
    second_day(shop)
    current = releases.current(shop.settings)
    assert (current.release_id, current.as_of) == (2, date(2024, 1, 3))
    assert current.settings == {"timezone": "UTC", "currency": "USD", "refund_window_days": 30, "min_pair_orders": 5}
    assert releases.at(shop.settings, 1).as_of == date(2024, 1, 2)
    assert releases.at(shop.settings, 2) == current


def test_a_release_that_never_was_is_not_found(shop, without_database):
    with pytest.raises(NotFound, match="no release 9"):
        releases.at(shop.settings, 9)
    without_database()
    with pytest.raises(NotFound, match="no release 9"):
        releases.at(shop.settings, 9)


def test_before_the_first_release_there_is_none(home, without_database):
    assert releases.current(home.settings) is None
    without_database()
    assert releases.current(home.settings) is None


def test_without_a_database_the_lake_knows_its_releases(shop, without_database, capsys):
    second_day(shop)
    told = [releases.current(shop.settings), releases.at(shop.settings, 1)]
    without_database()
    assert [releases.current(shop.settings), releases.at(shop.settings, 1)] == told
    assert "no database answers" in capsys.readouterr().out


def test_where_postgres_and_the_copy_differ_postgres_is_right(shop):
    copy = shop.path / "lake" / "_releases" / "1.json"
    (copy.parent / "7.json").write_text(json.dumps(json.loads(copy.read_text()) | {"release_id": 7}))
    assert releases.current(shop.settings).release_id == 1


def test_the_copies_are_read_in_the_order_of_numbers(shop, without_database):
    copy = shop.path / "lake" / "_releases" / "1.json"
    for number in (9, 10):
        (copy.parent / f"{number}.json").write_text(json.dumps(json.loads(copy.read_text()) | {"release_id": number}))
    without_database()
    assert releases.current(shop.settings).release_id == 10


def test_a_copy_that_is_missing_or_says_something_else_is_written_again_by_the_next_run(shop):
    copy = shop.path / "lake" / "_releases" / "1.json"
    release = releases.current(shop.settings)
    assert releases.has_copy(shop.settings, release)
    copy.write_text(json.dumps(json.loads(copy.read_text()) | {"run_id": "another"}))
    assert not releases.has_copy(shop.settings, release)
    copy.unlink()
    assert not releases.has_copy(shop.settings, release)
    shop.succeed("pipeline", "--all")
    assert releases.has_copy(shop.settings, release)


def test_a_connection_that_falls_silent_is_noticed(shop):
    with releases.database(shop.settings) as connection:
        given = connection.get_dsn_parameters()
    assert {name: int(given[name]) for name in KEEPALIVES} == KEEPALIVES


@pytest.mark.parametrize("driver", ["+psycopg", "+psycopg2", "+asyncpg", ""])
def test_a_url_may_name_any_driver(shop, monkeypatch, driver):
    monkeypatch.setenv("TILLHOUSE_DATABASE_URL", shop.url.replace("postgresql", f"postgresql{driver}", 1))
    with releases.database(shop.settings) as connection:
        assert connection is not None
    assert releases.current(shop.settings).release_id == 1


def test_a_url_that_is_none_is_refused_without_its_password(shop, monkeypatch):
    monkeypatch.setenv("TILLHOUSE_DATABASE_URL", "postgresql+psycopg://shop:s3cret@h:port/db")
    with pytest.raises(SettingsError, match="TILLHOUSE_DATABASE_URL is not the URL of a Postgres"):
        releases.current(shop.settings)
    ran = shop.run("sql", "select 1")
    assert ran.exit_code == 2
    assert "s3cret" not in ran.err + ran.out
