import csv
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from contracts.registry import sources, tables
from contracts.settings import Settings
from lake import delta
from pipelines.bronze.ingest import bronze_rows, ingest, loaded_hashes, with_row_hashes
from pipelines.landing.folder import LandedFile, dates, read_folder
from pipelines.landing.read import read
from pipelines.plan import plan

STORES = sources()["stores"]
BRONZE = (*sources(), "landed_files")
Row = Mapping[str, str | None]


class House:
    """A home whose landing folders go to bronze."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home, lake_path=None, timezone="UTC")
        for name in BRONZE:
            delta.create(self.settings.lake, tables("bronze")[name])
        self.versions = {f"bronze.{name}": 0 for name in BRONZE}

    def land(self, day: str, name: str, *rows: Row, header: Sequence[str] = STORES.names) -> None:
        folder = self.settings.landing / day
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, header)
            writer.writeheader()
            writer.writerows({"store_id": "S1", "store_name": "Shop", "channel": "web"} | dict(row) for row in rows)

    def load(self, run_id: str = "run") -> int:
        """Load what a run would load; returns how many files that were."""
        landing, known = self.settings.landing, loaded_hashes(self.settings.lake, self.versions["bronze.landed_files"])
        files = plan(self.settings, dates(landing), known, {}).files
        if files:
            ingest(self.settings.lake, files, self.settings, run_id, self.versions)
        return len(files)

    def rows(self, name: str = "stores") -> pl.DataFrame:
        table = tables("bronze")[name]
        return delta.read(self.settings.lake, table, self.versions[table.full_name]).sort(table.key)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "home")


def frame(house: House, *rows: Row, header: Sequence[str] = STORES.names, day: str = "2024-01-01") -> pl.DataFrame:
    """Bronze rows of one file, without a lake."""
    house.land(day, "stores.csv", *rows, header=header)
    [file] = read_folder(house.settings.landing, date.fromisoformat(day), sources()).files
    return with_row_hashes(bronze_rows(file, read(file.path, STORES), house.settings, "run"), STORES)


def test_a_row_arrives_as_it_is_with_where_it_came_from(house: House) -> None:
    house.land("2024-01-01", "stores_a.csv", {"city": " ", "country": "GB\n"})
    house.load("first")
    [row] = house.rows().rows(named=True)
    [file] = read_folder(house.settings.landing, date(2024, 1, 1), sources()).files
    assert (row["city"], row["country"], row["extra"]) == (" ", "GB\n", None)
    assert (row["landing_date"], row["source_file"], row["row_number"]) == (date(2024, 1, 1), "stores_a.csv", 1)
    assert (row["ingested_at"], row["file_hash"], row["run_id"]) == (datetime(2024, 1, 1), file.file_hash, "first")


def test_the_same_file_again_is_not_loaded_again(house: House) -> None:
    house.land("2024-01-01", "stores.csv", {})
    assert house.load() == 1
    before = dict(house.versions)
    assert house.load("second") == 0
    assert house.versions == before


def test_the_same_content_under_another_name_or_date_is_another_file(house: House) -> None:
    house.land("2024-01-01", "stores.csv", {})
    house.load()
    house.land("2024-01-01", "stores_copy.csv", {})
    house.land("2024-01-02", "stores.csv", {})
    assert house.load() == 2
    assert house.rows().height == 3


def test_new_content_under_the_same_name_replaces_that_files_rows_alone(house: House) -> None:
    house.land("2024-01-01", "stores.csv", {"city": "old"}, {"city": "older"})
    house.land("2024-01-01", "stores_b.csv", {"city": "beside"})
    house.land("2024-01-02", "stores.csv", {"city": "next day"})
    house.load("first")
    house.land("2024-01-01", "stores.csv", {"city": "new"})
    assert house.load("second") == 1
    assert house.rows().select("city", "run_id").rows() == [
        ("new", "second"),
        ("beside", "first"),
        ("next day", "first"),
    ]
    assert house.rows("landed_files").select("source_file", "rows", "run_id").rows() == [
        ("stores.csv", 1, "second"),
        ("stores_b.csv", 1, "first"),
        ("stores.csv", 1, "first"),
    ]


def test_a_file_replaced_by_its_header_alone_leaves_no_row_and_still_counts_as_landed(house: House) -> None:
    house.land("2024-01-01", "stores.csv", {})
    house.load()
    house.land("2024-01-01", "stores.csv")
    assert house.load() == 1
    assert house.rows().height == 0
    assert house.rows("landed_files").select("source_file", "rows").rows() == [("stores.csv", 0)]
    assert house.load() == 0


def test_a_file_that_vanished_from_landing_keeps_its_rows(house: House) -> None:
    house.land("2024-01-01", "stores.csv", {})
    house.load()
    (house.settings.landing / "2024-01-01" / "stores.csv").unlink()
    house.land("2024-01-01", "stores_b.csv", {})
    house.load()
    assert house.rows()["source_file"].to_list() == ["stores.csv", "stores_b.csv"]


def test_the_effective_ingested_at_is_the_rows_own_and_else_the_landing_dates_midnight(house: House) -> None:
    header = (*STORES.names, "ingested_at")
    own = ({"ingested_at": "2024-03-01T10:00+01:00"}, {"ingested_at": " "}, {"ingested_at": "x"})
    rows = frame(house, *own, header=header)
    assert rows["ingested_at"].to_list() == [datetime(2024, 3, 1, 9), datetime(2024, 1, 1), None]
    assert [json.loads(extra) for extra in rows["extra"]] == [{"ingested_at": each["ingested_at"]} for each in own]


def test_a_row_hash_tells_an_absent_value_from_an_empty_one(house: House) -> None:
    without_city = [name for name in STORES.names if name != "city"]
    [empty] = frame(house, {"city": ""})["row_hash"]
    [absent] = frame(house, {}, header=without_city)["row_hash"]
    [other] = frame(house, {"city": "", "region": ""}, {"city": "x"})["row_hash"][1:]
    assert len({empty, absent, other}) == 3
    assert all(len(each) == 16 and int(each, 16) >= 0 for each in (empty, absent, other))


def test_a_row_hash_depends_on_the_values_in_contract_order_alone(house: House) -> None:
    [here] = frame(house, {"city": "Rome", "region": "Lazio"})["row_hash"]
    backwards = (*reversed(STORES.names), "note")
    [there] = frame(house, {"city": "Rome", "region": "Lazio", "note": "new"}, header=backwards, day="2024-01-09")[
        "row_hash"
    ]
    [swapped] = frame(house, {"city": "Lazio", "region": "Rome"})["row_hash"]
    assert here == there != swapped


def test_a_landed_file_is_known_by_its_hash(house: House) -> None:
    house.land("2024-01-01", "stores.csv", {})
    house.load()
    file = LandedFile(house.settings.landing / "2024-01-01" / "stores.csv", date(2024, 1, 1), "stores")
    assert loaded_hashes(house.settings.lake, house.versions["bronze.landed_files"]) == {
        (date(2024, 1, 1), "stores.csv"): file.file_hash
    }
