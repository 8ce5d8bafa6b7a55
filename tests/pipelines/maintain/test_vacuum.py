"""What nobody may read any more is removed, and nothing else."""

import os
import time
from pathlib import Path

import pytest
from deltalake import DeltaTable

import lake
from contracts.errors import PastRetention
from contracts.registry import lake_tables
from lake import delta
from lake import release as releases
from lake.connection import connect
from tests.test_crash import kill_after, land_a_day

UUID = "0aa4f2d1-1a2b-4c3d-8e9f-0123456789ab"


def day(shop, number):
    """One more landing, each of another price: customers and gold are rewritten."""
    name = f"2024-01-{number:02}"
    shop.land(name, customers=[{"full_name": f"Ada {number}"}], products=[{"list_price": f"{number}"}])
    shop.succeed("pipeline", name)


def age(shop, release_id, days):
    shop.database(
        f"update lakehouse.releases set created_at = now() - interval '{days} days' where release_id = {release_id}"
    )


def data(shop):
    return {path for path in (shop.path / "lake").rglob("*.parquet") if "_delta_log" not in path.parts}


def needed(shop, *ids):
    found = set()
    for number in ids:
        for name, version in releases.at(shop.settings, number).versions.items():
            found |= {Path(path) for path in delta.files(shop.settings.lake, lake_tables()[name], version)}
    return found


def everything(shop, at):
    with connect(shop.settings, at) as con:
        return {name: con.sql(f"select * from {name} order by all").fetchall() for name in lake_tables()}


def left(shop):
    """A name that a writer gave."""
    return min(path.name for path in data(shop))


@pytest.fixture
def four(shop):
    """Four releases; the first was replaced 91 days ago, the second is the one in force when retention began."""
    for number in (3, 4, 5):
        day(shop, number)
    for release_id, days in ((1, 200), (2, 91), (3, 89)):
        age(shop, release_id, days)
    return shop


def test_an_expired_release_goes_with_its_files_and_the_others_stay_as_they_are(four):
    kept = {at: everything(four, at) for at in (2, 3, 4)}
    only_of_first = needed(four, 1) - needed(four, 2, 3, 4)
    assert only_of_first
    would = four.succeed("maintain", "--dry-run").out
    assert "Release 1 would be expired" in would
    assert f"{len(only_of_first)} files" in would
    assert everything(four, 1)

    with connect(four.settings, 2) as pinned:
        before = pinned.sql("select full_name from gold.dim_customer").fetchall()
        said = four.succeed("maintain").out
        assert pinned.sql("select full_name from gold.dim_customer").fetchall() == before == [("Ada 3",)]

    assert "Release 1 expired" in said
    assert f"{len(only_of_first)} files" in said
    assert data(four) == needed(four, 2, 3, 4)
    assert {at: everything(four, at) for at in (2, 3, 4)} == kept
    beside = four.path / "lake/_releases"
    assert sorted(path.name for path in beside.glob("*.json")) == ["2.json", "3.json", "4.json"]
    # Log entries that came with the first release are those of the others, too.
    assert (beside / "1.log.gz").exists()
    assert [row["release_id"] for row in four.ask("/v1/releases")["data"]] == [4, 3, 2]


def test_every_reader_says_of_an_expired_release_that_it_is_past_retention(four, monkeypatch):
    four.succeed("maintain")
    for reader in (lake.connect, lake.tables):
        with pytest.raises(PastRetention, match="2 is the oldest one kept"):
            reader(at=1)
    for reader in (lake.scan, lake.path, lake.version):
        with pytest.raises(PastRetention):
            reader("gold.fct_orders", at=1)
        assert reader("gold.fct_orders", at=2) is not None
    ran = four.run("sql", "select 1 as one", "--at", "1")
    assert (ran.exit_code, "past retention" in ran.err) == (2, True)
    assert four.rows("select full_name from gold.dim_customer", "--at", "2") == [{"full_name": "Ada 3"}]
    assert "no release 9" in four.run("sql", "select 1 as one", "--at", "9").err
    # The same by the copies, where no database answers.
    monkeypatch.setenv("TILLHOUSE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(PastRetention):
        lake.version("gold.fct_orders", at=1)
    assert lake.version("gold.fct_orders", at=2) is not None


def test_what_a_killed_run_left_is_removed_and_what_is_not_ours_stays(shop):
    before = data(shop)
    land_a_day(shop)
    kill_after(shop.spawn("pipeline", "2024-01-03"), "gold")
    orders = shop.path / "lake/gold/fct_orders"
    half = orders / f"order_date=2024-01-01/part-00000-{UUID}-c000.snappy.parquet#1"
    half.write_bytes(b"PAR1")
    note = orders / "note.txt"
    note.write_text("of the shop's own")
    killed = data(shop)
    assert killed > before
    own = {orders / "export.parquet", orders / "order_date=2024-01-01/part-of-it.parquet", orders / "old" / left(shop)}
    for path in own:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"PAR1")

    shop.succeed("maintain")

    assert data(shop) == before | own
    assert before == needed(shop, 1)
    assert not half.exists()
    assert note.exists()
    assert not (shop.path / "lake/silver/returns/return_date=2024-01-03").exists()
    statuses = [status for (status,) in shop.database("select status from lakehouse.runs order by started_at")]
    assert statuses == ["released", "failed", "nothing_new"]
    shop.succeed("pipeline", "2024-01-03")
    assert shop.rows("select count(*) as n from gold.fct_orders") == [{"n": "2"}]


def test_a_file_younger_than_the_command_is_nobodys_to_remove(shop):
    young = shop.path / f"lake/gold/fct_orders/order_date=2024-01-01/part-00001-{UUID}-c000.snappy.parquet"
    young.write_bytes(b"PAR1")
    os.utime(young, (time.time() + 60,) * 2)  # of a run that took over the lock
    shop.succeed("maintain")
    assert young.exists()


def test_where_a_needed_file_is_missing_nothing_is_removed(four):
    min(needed(four, 2) - needed(four, 4)).unlink()
    before = data(four)
    ran = four.run("maintain")
    assert (ran.exit_code, "tillhouse fsck" in ran.err) == (3, True)
    assert data(four) == before


def test_a_long_log_is_summed_up_and_read_as_before(shop):
    table = lake_tables()["gold.dim_store"]
    version = releases.current(shop.settings).versions[table.full_name]
    for _ in range(10):
        for at in (0, version):  # there and back
            DeltaTable(delta.location(shop.settings.lake, table)).restore(at)
    kept = everything(shop, 1)
    assert "1 table logs were summed up" in shop.succeed("maintain").out
    assert everything(shop, 1) == kept
    assert "summed up" not in shop.succeed("maintain").out
