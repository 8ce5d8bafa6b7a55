"""A file that cannot be had now: neither loaded nor rejected, and loaded by the next run that can."""

from pathlib import Path

from tests.conftest import Home

STORES = "store_id,store_name,channel,updated_at\n"
UNREADABLE = Path("/proc/self/mem")  # reading its first byte is an input/output error for everyone


def landed(home: Home) -> set[str]:
    return {row["source_file"] for row in home.rows("select source_file from bronze.landed_files")}


def test_a_file_the_disk_does_not_give_is_left_for_the_next_run_and_the_others_go_on(shop: Home) -> None:
    folder = shop.land("2024-01-03", stores=[{}])
    left = folder / "stores_left.csv"
    left.symlink_to(UNREADABLE)
    shop.succeed("pipeline", "2024-01-03")
    assert "stores.csv" in landed(shop)
    assert "stores_left.csv" not in landed(shop)
    assert shop.rows("select * from bronze.rejected_files") == []

    left.unlink()
    left.write_text(STORES + "S2,Low Street,retail,2024-01-01\n", encoding="utf-8")
    shop.succeed("pipeline", "--all")
    assert shop.rows("select store_id from silver.stores order by 1") == [{"store_id": "S1"}, {"store_id": "S2"}]


def test_a_loaded_file_that_cannot_be_had_any_more_keeps_its_rows(shop: Home) -> None:
    folder = shop.land("2024-01-03", stores=[{}])
    shop.succeed("pipeline", "2024-01-03")
    (folder / "stores.csv").unlink()
    (folder / "stores.csv").symlink_to(UNREADABLE)
    shop.succeed("pipeline", "--all")
    assert shop.rows("select store_id from silver.stores") == [{"store_id": "S1"}]
