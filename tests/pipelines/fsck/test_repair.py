"""What is repaired from what, and what is said where nothing can be done."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from contracts.registry import lake_tables
from lake import delta
from lake import release as releases
from tests.conftest import Home
from tests.test_crash import everything, land_a_day


def files(home: Home, name: str) -> list[Path]:
    release = releases.current(home.settings)
    return [Path(path) for path in delta.files(home.settings.lake, lake_tables()[name], release.versions[name])]


def forget_hashes(home: Home) -> None:
    for number in releases.copied(home.settings):
        path = releases.copy_path(home.settings, number)
        path.write_text(json.dumps({**json.loads(path.read_text()), "hashes": None}))


def repaired(home: Home) -> str:
    out = home.succeed("fsck", "--repair").out
    delta.forget()
    assert "healthy" in home.succeed("fsck").out
    return out


@pytest.mark.parametrize("name", ["bronze.orders", "silver.order_items", "gold.fct_orders", "quality.conservation"])
def test_a_file_comes_back_byte_for_byte_and_no_release_is_made(shop, name):
    [path] = files(shop, name)
    content = path.read_bytes()
    path.unlink()
    assert "put back, byte for byte" in repaired(shop)
    assert path.read_bytes() == content
    assert releases.current(shop.settings).release_id == 1


def test_a_file_that_later_runs_merged_rows_into_comes_back_byte_for_byte(shop):
    numbers = range(2, 6)
    shop.land(
        "2024-01-03",
        orders=[{"order_id": f"O{n}"} for n in numbers],
        order_items=[{"order_id": f"O{n}"} for n in numbers],
    )
    shop.succeed("pipeline", "2024-01-03")
    shop.land("2024-01-04", orders=[{"shipping_amount": "7.00", "updated_at": "2024-01-04T08:00:00"}])
    shop.succeed("pipeline", "2024-01-04")
    [path] = files(shop, "gold.fct_orders")
    content = path.read_bytes()
    path.unlink()
    assert "put back, byte for byte" in repaired(shop)
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", ["bronze.orders", "silver.quarantine", "silver.orders", "gold.fct_money_ledger"])
def test_without_a_hash_to_prove_it_the_table_gets_a_new_version_and_the_home_a_release(shop, name):
    land_a_day(shop)
    shop.succeed("pipeline", "2024-01-03")
    truth = everything(shop)
    forget_hashes(shop)
    path = files(shop, name)[0]
    path.write_bytes(b"PAR1 and no more")
    delta.forget()
    out = repaired(shop)
    assert "replaced in version" in out
    assert "release 3 made of it" in out
    assert everything(shop) == truth


def test_a_changed_row_whose_file_has_no_hash_is_found_by_its_row_hash_and_loaded_again(shop):
    truth = everything(shop)
    forget_hashes(shop)
    [path] = files(shop, "bronze.customers")
    pl.read_parquet(path, hive_partitioning=False).with_columns(full_name=pl.lit("Eve")).write_parquet(path)
    ran = shop.run("fsck")
    assert ran.exit_code == 1
    assert "1 rows do not fit their row_hash: 2024-01-02/customers.csv#1." in ran.out
    repaired(shop)
    assert shop.rows("select full_name from bronze.customers") == [{"full_name": "Ada Byron"}]
    assert everything(shop) == truth


def test_bronze_whose_landing_is_gone_comes_from_an_older_file_that_holds_it(shop):
    shop.land("2024-01-02", orders_more=[{"order_id": "O2"}])
    shop.succeed("pipeline", "--all")
    old = files(shop, "bronze.orders")
    shop.land("2024-01-02", orders_more=[{"order_id": "O3"}])
    shop.succeed("pipeline", "--all")
    [path] = files(shop, "bronze.orders")
    assert path not in old
    (shop.path / "landing" / "2024-01-02" / "orders.csv").unlink()
    truth = everything(shop)
    path.unlink()
    repaired(shop)
    assert everything(shop) == truth


def test_bronze_that_nothing_holds_any_more_is_named_with_what_to_do(shop):
    shutil.rmtree(shop.path / "landing")
    [path] = files(shop, "bronze.orders")
    path.unlink()
    ran = shop.run("fsck", "--repair")
    assert ran.exit_code == 1
    assert "damage [parquet_files] bronze.orders" in ran.out
    assert "cannot be repaired: 2024-01-02/orders.csv" in ran.out
    # What is served stays as it is.
    assert shop.database("select count(*) from serving.fct_orders") == [(1,)]


def test_an_empty_database_is_filled_from_the_lake(shop):
    land_a_day(shop)
    shop.succeed("pipeline", "2024-01-03")
    truth = everything(shop)
    shop.database(
        "drop schema serving cascade; drop schema serving_v1 cascade; drop schema serving_history cascade;"
        "drop schema lakehouse cascade"
    )
    assert shop.run("fsck").exit_code == 1
    repaired(shop)
    assert everything(shop) == truth
    assert shop.database("select release_id from lakehouse.releases order by 1") == [(1,), (2,)]
    # Each row is known to be true since the release that brought it.
    assert shop.database("select order_id, from_release from serving_v1.fct_orders order by 1") == [
        ("O1", 2),
        ("O2", 2),
    ]
    shop.land("2024-01-04", customers=[{"customer_id": "C4"}])
    shop.succeed("pipeline", "--all")


def test_a_served_table_that_was_dropped_is_there_again(shop):
    truth = everything(shop)
    shop.database("drop table serving_v1.fct_returns cascade")
    ran = shop.run("fsck")
    assert ran.exit_code == 1
    assert "damage [served_schema] serving.fct_returns: it is not there." in ran.out
    assert "damage [served_schema] serving_v1.fct_returns: it is not there." in ran.out
    repaired(shop)
    assert everything(shop) == truth


def test_a_row_put_back_is_true_since_the_release_that_brought_it(shop):
    land_a_day(shop)
    shop.succeed("pipeline", "2024-01-03")
    query = "select product_id, valid_from, from_release from serving_v1.dim_product order by 1, 2"
    before = shop.database(query)
    shop.database("set session_replication_role = replica; delete from serving_v1.dim_product")
    repaired(shop)
    assert shop.database(query) == before


def test_a_file_of_an_older_release_alone_is_written_down_as_lost(shop):
    [path] = files(shop, "quality.conservation")
    land_a_day(shop)
    shop.succeed("pipeline", "2024-01-03")
    path.unlink()
    ran = shop.run("fsck")
    assert ran.exit_code == 1
    assert "the release in force does not need it, release 1 does" in ran.out
    assert "lost to older releases" in repaired(shop)
    assert "note [parquet_files] quality.conservation" in shop.succeed("fsck").out


def test_a_broken_log_entry_of_no_release_is_moved_away_and_the_next_run_goes_on(shop):
    log = shop.path / "lake" / "gold" / "fct_orders" / "_delta_log"
    newest = max(int(path.stem) for path in log.glob("*.json"))
    (log / f"{newest + 1:020}.json").write_text('{"add": {"pa')
    ran = shop.run("fsck")
    assert ran.exit_code == 1
    assert f"{newest + 1:020}.json: this Delta log entry, of no release, cannot be read." in ran.out
    repaired(shop)
    land_a_day(shop)
    shop.succeed("pipeline", "2024-01-03")


def test_a_lake_that_lost_its_id_gets_it_from_postgres(shop):
    path = shop.path / "lake" / "_lake.json"
    content = json.loads(path.read_text())
    path.unlink()
    assert shop.run("fsck").exit_code == 1
    repaired(shop)
    assert json.loads(path.read_text()) == content


def test_the_list_of_landed_files_and_a_file_it_counts_come_back_together(shop):
    land_a_day(shop)
    shop.succeed("pipeline", "2024-01-03")
    truth = everything(shop)
    gone = [files(shop, "bronze.landed_files")[0], files(shop, "bronze.orders")[-1]]
    for path in gone:
        path.unlink()
    repaired(shop)
    assert everything(shop) == truth
    assert releases.current(shop.settings).release_id == 2


def test_rows_that_no_hash_proves_are_not_taken_for_those_that_were_loaded(shop):
    gone = [files(shop, "bronze.landed_files")[0], files(shop, "bronze.orders")[0]]
    for path in gone:
        path.unlink()
    shop.land("2024-01-02", orders=[{"status": "fulfilled", "fulfilled_at": "2024-01-01T12:00:00"}])
    ran = shop.run("fsck", "--repair")
    assert ran.exit_code == 1
    assert "bronze.landed_files cannot be repaired" in ran.out
    assert not any(path.exists() for path in gone)
