"""Which files a run will load."""

import hashlib
from datetime import date

import pytest

from contracts.errors import NoSuchFolder, UsageError
from contracts.settings import Settings
from pipelines.plan import plan, refuse_future

DAY = date(2024, 1, 2)


@pytest.fixture
def settings(tmp_path):
    folder = tmp_path / "landing" / DAY.isoformat()
    folder.mkdir(parents=True)
    for name in ("orders.csv", "orders_late.csv.gz", "people.csv", "readme.txt", ".hidden.csv"):
        (folder / name).write_bytes(name.encode())
    return Settings(home=tmp_path)


def sha(name):
    return hashlib.sha256(name.encode()).hexdigest()


def names(found):
    return [file.name for file in found.files]


def test_every_csv_is_to_be_loaded_also_one_of_no_source_and_the_rest_is_ignored(settings):
    found = plan(settings, [DAY], {}, {})
    assert names(found) == ["orders.csv", "orders_late.csv.gz", "people.csv"]
    assert [file.source for file in found.files] == ["orders", "orders", None]
    assert found.ignored == ("2024-01-02/.hidden.csv", "2024-01-02/readme.txt")
    assert found.known == 0


def test_a_file_loaded_with_these_bytes_is_known_and_with_others_it_is_new(settings):
    loaded = {(DAY, "orders.csv"): sha("orders.csv"), (DAY, "orders_late.csv.gz"): sha("as it was before")}
    found = plan(settings, [DAY], loaded, {})
    assert (names(found), found.known) == (["orders_late.csv.gz", "people.csv"], 1)


def test_the_same_bytes_under_another_date_are_another_file(settings):
    found = plan(settings, [DAY], {(date(2024, 1, 1), "orders.csv"): sha("orders.csv")}, {})
    assert "orders.csv" in names(found)


def test_a_file_rejected_with_these_bytes_is_known_until_it_is_mended(settings):
    assert names(plan(settings, [DAY], {}, {(DAY, "people.csv"): {sha("people.csv"), "other"}})) == [
        "orders.csv",
        "orders_late.csv.gz",
    ]
    assert "people.csv" in names(plan(settings, [DAY], {}, {(DAY, "people.csv"): {"other"}}))


def test_only_a_name_that_was_there_before_is_read_and_what_cannot_be_is_left(settings):
    unreadable = settings.landing / DAY.isoformat() / "orders_unreadable.csv"
    unreadable.symlink_to("/proc/self/mem")  # reading its first byte is an input/output error for everyone
    assert "orders_unreadable.csv" in names(plan(settings, [DAY], {}, {}))
    for loaded, rejected in (({(DAY, unreadable.name): "before"}, {}), ({}, {(DAY, unreadable.name): {"before"}})):
        found = plan(settings, [DAY], loaded, rejected)
        assert names(found) == ["orders.csv", "orders_late.csv.gz", "people.csv"]
        [(file, reason)] = found.left
        assert file.label == "2024-01-02/orders_unreadable.csv"
        assert reason.startswith("it cannot be read (Input/output error)")


def test_a_date_without_a_folder_is_no_such_folder(settings):
    with pytest.raises(NoSuchFolder, match="2024-01-03"):
        plan(settings, [DAY, date(2024, 1, 3)], {}, {})


def test_only_dates_after_today_are_refused():
    refuse_future([date(2024, 1, 1), DAY], today=DAY)
    with pytest.raises(UsageError, match=r"2024-01-03 is after today, 2024-01-02.*--future"):
        refuse_future([DAY, date(2024, 1, 3)], today=DAY)
