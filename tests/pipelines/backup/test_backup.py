"""The whole home as one file, and back: what is in it, what is not, and a restored home beside the original."""

import shutil
import stat
import tarfile
import time

import polars as pl
import pytest

from contracts.registry import lake_tables
from lake import delta
from lake import release as releases
from lake.connection import connect
from serving import embedded
from tests.conftest import Home
from tests.test_crash import land_a_day

DAY = "2024-01-03"
RUNS = "select run_id, command, started_at, status, release_id from lakehouse.runs order by started_at"


@pytest.fixture
def elsewhere(databases, tmp_path, monkeypatch):
    """Goes over to a home that is not there yet, with an empty database."""
    urls = []

    def go(path=None, url=None):
        if url is None:
            url = databases.make()
            urls.append(url)
        home = Home(path or tmp_path / f"other {len(urls)}" / "home", url)
        monkeypatch.setenv("TILLHOUSE_HOME", str(home.path))
        monkeypatch.setenv("TILLHOUSE_DATABASE_URL", url)
        return home

    yield go
    for url in urls:
        databases.drop(url)


@pytest.fixture
def used(shop):
    """A home with two releases, a rejected file, a stopped run, settings and keys of its own."""
    text = f'database_url = "{shop.url}"  # with its password\napi_database_url = "{shop.url}"\nretention_days = 30\n'
    (shop.path / "tillhouse.toml").write_text(text)
    (shop.path / "tillhouse.toml").chmod(0o640)
    (shop.path / "api-keys.json").write_text("{}")
    (shop.path / "api-keys.json").chmod(0o600)
    land_a_day(shop)
    (shop.path / "landing" / DAY / "nothing.csv").write_text("of no source\n")
    assert shop.run("pipeline", DAY, "--max-reject-ratio", "0").exit_code == 0
    return shop


def members(path):
    with tarfile.open(path) as tar:
        return {info.name: info for info in tar.getmembers()}


def files_of(home, *ids):
    found = set()
    for number in ids:
        for name, version in releases.at(home.settings, number).versions.items():
            found |= set(delta.files(home.settings.lake, lake_tables()[name], version))
    return {path.removeprefix(f"{home.settings.lake}/") for path in found}


def everything(home):
    """Every table of both releases, the served ones with what wrote them, history, and the books."""
    found = {}
    for at in (1, 2):
        with connect(home.settings, at) as con:
            for name in lake_tables():
                found[at, name] = con.sql(f"select * from {name} order by all").fetchall()
    relations = home.database(
        "select format('%I.%I', nspname, relname) from pg_class join pg_namespace as n on n.oid = relnamespace"
        " where relkind in ('r', 'v') and (nspname like 'serving%' or nspname = 'lakehouse') order by 1"
    )
    for (relation,) in relations:
        found[relation] = sorted(map(str, home.database(f"select * from {relation}")))
    found["constraints"] = home.database(
        "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint"
        " where connamespace::regnamespace::text like any(array['serving%', 'lakehouse']) order by 1, 2"
    )
    found["indexes"] = home.database(
        "select indexdef from pg_indexes where schemaname like any(array['serving%', 'lakehouse']) order by 1"
    )
    found["comments"] = home.database(
        "select objoid::regclass::text, objsubid, description from pg_description"
        " where classoid = 'pg_class'::regclass and objoid::regclass::text like 'serving%' order by 1, 2"
    )
    return found


def of_the_next_day(home):
    """What the day after gives, without the names of runs and the clock."""
    home.land("2024-01-04", returns=[{"return_id": "R2", "order_id": "O2"}], customers=[{"full_name": "Ada King"}])
    home.succeed("pipeline", "2024-01-04")
    found = {}
    with connect(home.settings) as con:
        for name, table in lake_tables().items():
            rows = con.sql(f"select {', '.join(table.names)} from {name}").pl()
            rows = rows.drop("run_id", "quarantined_at", strict=False)
            found[name] = rows.sort(table.key)
    return found


def test_a_restored_home_is_the_original_in_all_it_shows_and_goes_on_as_it_does(used, elsewhere, tmp_path):
    file = tmp_path / "shop.tar.gz"
    stray = used.path / "lake/gold/dim_store/part-of-a-dead-run.parquet"
    stray.write_bytes(b"PAR1")
    said = used.succeed("backup", str(file)).out
    assert said.startswith("Release 2, as of 2024-01-03")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    held = members(file)
    assert {name[5:] for name in held if name.endswith(".parquet")} == files_of(used, 1, 2)
    assert f"home/landing/{DAY}/orders.csv" in held
    assert any(name.startswith(f"home/rejected/{DAY}/") for name in held)
    with tarfile.open(file) as tar:
        settings = tar.extractfile("home/tillhouse.toml").read().decode()
    assert settings == "retention_days = 30\n"
    assert not [left for left in tmp_path.iterdir() if left.name.startswith(".shop")]

    before, reports = everything(used), sorted(path.name for path in (used.path / "reports").glob("[!.]*"))
    asked = [used.ask(path) for path in ("/v1/metrics/daily?start=2024-01-01&end=2024-01-03", "/v1/releases")]
    status = used.succeed("status").out
    original = Home(used.path, used.url)

    other = elsewhere()
    restored = other.succeed("restore", str(file)).out
    assert restored.startswith("Release 2, as of 2024-01-03, is in")
    assert everything(other) == before
    assert other.succeed("status").out == status
    assert [other.ask(path) for path in ("/v1/metrics/daily?start=2024-01-01&end=2024-01-03", "/v1/releases")] == asked
    assert sorted(path.name for path in (other.path / "reports").glob("[!.]*")) == reports
    assert (other.path / "reports/2024-01-02/index.html").read_bytes() == (
        used.path / "reports/2024-01-02/index.html"
    ).read_bytes()
    assert stat.S_IMODE((other.path / "api-keys.json").stat().st_mode) == 0o600
    assert not (other.path.parent / ".home.restoring").exists()
    assert stat.S_IMODE((other.path / "tillhouse.toml").stat().st_mode) == 0o640
    after = of_the_next_day(other)

    elsewhere(original.path, original.url)
    expected = of_the_next_day(original)
    assert {name: rows.to_dicts() for name, rows in after.items()} == {
        name: rows.to_dicts() for name, rows in expected.items()
    }
    assert after["gold.fct_returns"].filter(pl.col("order_id") == "O2").height == 1


def test_a_backup_taken_while_a_run_publishes_is_of_the_release_before(shop, elsewhere, tmp_path):
    land_a_day(shop)
    shop.database(
        "create function public.wait() returns trigger language plpgsql as"
        " $$ begin perform pg_sleep(60); return null; end $$;"
        "create trigger wait after insert on serving_v1.fct_returns for each statement execute function public.wait()"
    )
    process = shop.spawn("pipeline", DAY)
    asleep = "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
    while shop.database(asleep) == [(0,)]:
        assert process.poll() is None
        time.sleep(0.05)
    shop.succeed("backup", str(tmp_path / "shop.tar.zst"))
    shop.database("select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'")
    process.communicate()
    other = elsewhere()
    other.succeed("restore", str(tmp_path / "shop.tar.zst"))
    assert other.rows("select order_id from gold.fct_orders") == [{"order_id": "O1"}]
    assert {path.relative_to(other.settings.lake).as_posix() for path in (other.path / "lake").rglob("*.parquet")} == (
        files_of(other, 1)
    )
    other.succeed("pipeline", "--all")
    assert other.rows("select order_id from gold.fct_orders order by 1") == [{"order_id": "O1"}, {"order_id": "O2"}]


def test_a_backup_overwrites_nothing_and_needs_a_release(home, tmp_path):
    ran = home.run("backup", str(tmp_path / "a.tar.gz"))
    assert (ran.exit_code, "Nothing is released yet" in ran.err) == (2, True)
    (tmp_path / "b.tar.gz").write_text("of another time")
    assert "is there already" in home.run("backup", str(tmp_path / "b.tar.gz")).err
    assert "A backup is a .tar.zst or a .tar.gz, and b.zip" in home.run("backup", str(tmp_path / "b.zip")).err
    assert "is no folder" in home.run("backup", str(tmp_path / "none" / "b.tar.gz")).err
    assert (tmp_path / "b.tar.gz").read_text() == "of another time"
    assert not (tmp_path / "a.tar.gz").exists()


def test_a_restore_overwrites_nothing_and_writes_nothing_of_a_damaged_file(shop, elsewhere, tmp_path):
    file = tmp_path / "shop.tar.zst"
    shop.succeed("backup", str(file))
    whole = file.read_bytes()
    assert "The home" in shop.run("restore", str(file)).err
    other = elsewhere()
    for damaged in (whole[: len(whole) // 2], whole[:9000] + bytes([whole[9000] ^ 8]) + whole[9001:]):
        file.write_bytes(damaged)
        ran = other.run("restore", str(file))
        assert (ran.exit_code, "damaged" in ran.err) == (2, True)
        assert not other.path.parent.exists()
    file.write_bytes(whole)
    assert "no file" in other.run("restore", str(tmp_path / "none.tar.gz")).err
    same_database = elsewhere(tmp_path / "third", shop.url)
    ran = same_database.run("restore", str(file))
    assert (ran.exit_code, "holds a home already" in ran.err) == (2, True)
    assert not same_database.path.exists()
    assert not (tmp_path / ".third.restoring").exists()
    assert shop.database("select count(*) from serving.fct_orders") == [(1,)]


def test_a_restore_that_was_killed_is_done_again_or_finished_by_the_next_one(shop, elsewhere, tmp_path):
    file = tmp_path / "shop.tar.zst"
    shop.succeed("backup", str(file))
    expected = shop.rows("select * from gold.fct_revenue_daily")
    other = elsewhere()
    for moment in ("checking every byte", "files", "database"):
        process = other.spawn("restore", str(file))
        while process.stderr.readline().strip() != moment:
            assert process.poll() is None
        time.sleep(0.05)
        process.kill()
        process.communicate()
        assert not other.path.exists()
    other.succeed("restore", str(file))
    assert other.rows("select * from gold.fct_revenue_daily") == expected

    # Killed after its commit and before its rename: the database is no home's, and is filled again.
    other.database("update lakehouse.lake set lake_id = 'restoring:' || lake_id; delete from lakehouse.releases")
    shutil.rmtree(other.path)
    other.succeed("restore", str(file))
    assert other.rows("select * from gold.fct_revenue_daily") == expected

    # Killed after its rename: until it is finished, no command takes the database for the home's.
    other.database("update lakehouse.lake set lake_id = 'restoring:' || lake_id")
    assert other.run("pipeline", "--all").exit_code == 3
    other.succeed("restore", str(file))
    other.succeed("pipeline", "--all")
    assert other.rows("select * from gold.fct_revenue_daily") == expected


def test_a_home_with_an_embedded_server_and_a_lake_apart_is_restored(shop, tmp_path, monkeypatch):
    file = tmp_path / "shop.tar.gz"
    shop.succeed("backup", str(file))
    home = Home(tmp_path / "embedded", "")
    monkeypatch.setenv("TILLHOUSE_HOME", str(home.path))
    monkeypatch.setenv("TILLHOUSE_LAKE_PATH", str(tmp_path / "lake apart"))
    monkeypatch.delenv("TILLHOUSE_DATABASE_URL")
    home.path.mkdir()  # empty, as it may be
    try:
        home.succeed("restore", str(file))
        assert home.rows("select order_id from gold.fct_orders") == [{"order_id": "O1"}]
        assert "Release 1, as of 2024-01-02" in home.succeed("status").out
        land_a_day(home)
        home.succeed("pipeline", DAY)
        assert home.ask("/v1/metrics/daily")["release"] == 2
        again = tmp_path / "again.tar.gz"
        home.succeed("backup", str(again))
        password = (home.path / "postgres/password").read_text().strip()
        with tarfile.open(again) as tar:
            assert not [info for info in tar if password.encode() in tar.extractfile(info).read()]
    finally:
        embedded.stop(home.settings)
