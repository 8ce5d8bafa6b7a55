import hashlib
import os
from datetime import date
from pathlib import Path

import pytest

from contracts.errors import NoSuchFolder
from contracts.registry import sources
from pipelines.landing.arrival import StillArriving
from pipelines.landing.folder import dates, misplaced, read_folder, source_of
from pipelines.landing.preflight import UNLIMITED

DAY = date(2024, 1, 15)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "landing" / "2024-01-15"
    path.mkdir(parents=True)
    return path


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("orders.csv", "orders"),
        ("orders.csv.gz", "orders"),
        ("orders_2.csv", "orders"),
        ("orders_items.csv", "orders"),
        ("order_items.csv", "order_items"),
        ("order_items_late.csv.gz", "order_items"),
        ("inventory_movements_.csv", "inventory_movements"),
        ("ordersx.csv", None),
        ("orders-2.csv", None),
        ("Orders.csv", None),
        ("order.csv", None),
        ("my_orders.csv", None),
    ],
)
def test_a_file_belongs_to_the_source_its_name_is_or_begins_with(name: str, source: str | None) -> None:
    assert source_of(name, sources()) == source


def test_of_two_sources_that_fit_the_longest_is_taken() -> None:
    assert source_of("orders_web_1.csv", ["orders_web", "orders"]) == "orders_web"


def test_whatever_is_no_csv_is_ignored_and_named(folder: Path) -> None:
    for name in ("orders.csv", "unknown.csv", "readme.txt", ".orders.csv", "orders.csv.part"):
        (folder / name).write_text("x", encoding="utf-8")
    found = read_folder(folder.parent, DAY, sources())
    assert [(file.name, file.source) for file in found.files] == [("orders.csv", "orders"), ("unknown.csv", None)]
    assert found.ignored == (".orders.csv", "orders.csv.part", "readme.txt")


def test_what_is_named_like_a_csv_and_is_no_file_is_ignored_with_what_it_is(folder: Path) -> None:
    (folder / "returns.csv").mkdir()
    os.mkfifo(folder / "orders.csv.gz")
    (folder / "stores.csv").symlink_to(folder / "nowhere.csv")
    (folder / "products.csv").symlink_to(os.devnull)
    (folder / "customers.csv").symlink_to(folder / "customers.csv")
    found = read_folder(folder.parent, DAY, sources())
    assert found.files == ()
    assert found.ignored == (
        "customers.csv (Too many levels of symbolic links)",
        "orders.csv.gz (a named pipe)",
        "products.csv (no regular file)",
        "returns.csv (a folder)",
        "stores.csv (a broken link)",
    )


def test_a_link_to_a_file_is_that_file(folder: Path) -> None:
    (folder.parent / "elsewhere.csv").write_bytes(b"x")
    (folder / "stores.csv").symlink_to(folder.parent / "elsewhere.csv")
    [file] = read_folder(folder.parent, DAY, sources()).files
    assert (file.name, file.source, file.size) == ("stores.csv", "stores", 1)


def test_the_hash_of_a_file_is_of_the_bytes_that_were_read(folder: Path) -> None:
    (folder / "orders.csv").write_bytes(b"as it was found")
    [file] = read_folder(folder.parent, DAY, sources()).files
    assert file.read_bytes(UNLIMITED) == b"as it was found"
    (folder / "orders.csv").write_bytes(b"as it is later!")
    assert file.file_hash == hashlib.sha256(b"as it was found").hexdigest()


def test_a_file_that_changed_since_it_was_hashed_is_left_whatever_its_size_and_time(folder: Path) -> None:
    path = folder / "orders.csv"
    path.write_bytes(b"as it was found")
    [file] = read_folder(folder.parent, DAY, sources()).files
    assert file.file_hash
    assert file.look
    path.write_bytes(b"as it is later!")
    os.utime(path, ns=(file.look.modified, file.look.modified))
    with pytest.raises(StillArriving, match="it changed between two readings"):
        file.read_bytes(UNLIMITED)


def test_the_bytes_kept_aside_are_those_that_were_judged_or_none(folder: Path, tmp_path: Path) -> None:
    path, kept = folder / "orders.csv", tmp_path / "kept" / "orders.csv"
    path.write_bytes(b"broken")
    [file] = read_folder(folder.parent, DAY, sources()).files
    file.read_bytes(UNLIMITED)
    file.copy_to(kept)
    assert kept.read_bytes() == b"broken"
    path.write_bytes(b"mended")
    with pytest.raises(StillArriving):
        file.copy_to(kept)
    assert not kept.exists()


def test_a_file_is_known_by_the_hash_of_its_bytes_as_landed(folder: Path) -> None:
    (folder / "orders.csv.gz").write_bytes(b"whatever it holds")
    [file] = read_folder(folder.parent, DAY, sources()).files
    assert file.file_hash == hashlib.sha256(b"whatever it holds").hexdigest()
    assert file.label == "2024-01-15/orders.csv.gz"


def test_a_date_without_a_folder_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFolder, match=r"2024-01-15.*Drop the day's CSVs there"):
        read_folder(tmp_path, DAY, sources())


def test_landing_dates_are_the_folders_named_like_a_date_in_order(folder: Path) -> None:
    for name in ("2024-01-02", "2024-02-30", "20240103", "notes", "2024-1-4"):
        (folder.parent / name).mkdir()
    (folder.parent / "2024-01-05").write_text("a file", encoding="utf-8")
    assert dates(folder.parent) == [date(2024, 1, 2), DAY]
    assert dates(folder.parent / "nowhere") == []


def test_what_lies_beside_the_folders_of_dates_is_misplaced(tmp_path: Path) -> None:
    for name in ("2024-01-02", "20240103", "2024_01_04", "2024-02-30", ".trash"):
        (tmp_path / name).mkdir()
    for name in ("customers.csv", "2024-01-05", ".keep"):
        (tmp_path / name).write_bytes(b"")
    no_folder, no_date = "not in a folder of a date (YYYY-MM-DD)", "not a folder of a date (YYYY-MM-DD)"
    assert misplaced(tmp_path) == [
        ("2024-01-05", no_folder),
        ("2024-02-30", no_date),
        ("20240103", no_date),
        ("2024_01_04", no_date),
        ("customers.csv", no_folder),
    ]
    assert misplaced(tmp_path / "none") == []
