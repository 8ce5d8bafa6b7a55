"""When a report appears, and what happens to the one it replaces."""

from datetime import date
from pathlib import Path

import pytest

from contracts.errors import InfrastructureError, NotFound
from serving.reports.publish import finish_pending, show, write_pending

DAY = date(2024, 3, 1)


def content(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def publish(shop, reports: Path, release_id: int, as_of: date = DAY) -> Path:
    shop.release(release_id, as_of)
    return write_pending(shop.connection, reports, release_id)


def test_a_report_waits_out_of_sight_until_its_release_is_committed(shop, tmp_path):
    pending = publish(shop, tmp_path, 1)
    assert pending == tmp_path / ".pending" / "1"
    assert not (tmp_path / "2024-03-01").exists()
    assert shop.connection.in_transaction()
    assert show(tmp_path, 1, DAY) == tmp_path / "2024-03-01"
    assert not pending.exists()
    assert 'href="2024-03-01/index.html"' in (tmp_path / "index.html").read_text()


def test_every_script_and_style_a_page_names_lies_beside_it(shop, tmp_path):
    publish(shop, tmp_path, 1)
    page = show(tmp_path, 1, DAY) / "index.html"
    named = [part.split('"')[0] for part in page.read_text().split('="../assets/')[1:]]
    assert len(named) > 4
    assert all((tmp_path / "assets" / name).stat().st_size > 100 for name in named)


def test_a_replaced_report_moves_whole_and_unchanged_beside_the_new_one(shop, tmp_path):
    shop.days(DAY, 3, 1, "10")
    publish(shop, tmp_path, 1)
    before = content(show(tmp_path, 1, DAY))
    publish(shop, tmp_path, 2)
    shown = show(tmp_path, 2, DAY)
    assert content(tmp_path / "2024-03-01.1") == before
    assert b"Release 2" in content(shown)["index.html"]
    assert 'href="2024-03-01.1/index.html"' in (tmp_path / "index.html").read_text()


def test_the_same_release_gives_the_same_bytes(shop, tmp_path):
    shop.days(DAY, 40, 2, "30.50")
    shop.release(1, DAY)
    first = content(write_pending(shop.connection, tmp_path / "a", 1))
    assert content(write_pending(shop.connection, tmp_path / "b", 1)) == first


def test_a_report_written_again_for_the_same_release_takes_its_own_place(shop, tmp_path):
    publish(shop, tmp_path, 1)
    show(tmp_path, 1, DAY)
    write_pending(shop.connection, tmp_path, 1)
    assert show(tmp_path, 1, DAY) == tmp_path / "2024-03-01"
    assert not (tmp_path / "2024-03-01.1").exists()
    assert list((tmp_path / ".pending").iterdir()) == []


def test_showing_goes_on_where_a_stop_left_the_old_report_moved_away(shop, tmp_path):
    publish(shop, tmp_path, 1)
    show(tmp_path, 1, DAY)
    publish(shop, tmp_path, 2)
    (tmp_path / "2024-03-01").rename(tmp_path / "2024-03-01.1")
    assert finish_pending(tmp_path, released=lambda release_id: True) == [tmp_path / "2024-03-01"]
    assert '"release_id": 2' in (tmp_path / "2024-03-01" / "report.json").read_text()


def test_showing_goes_on_where_a_stop_came_before_the_archive_was_written(shop, tmp_path):
    pending = publish(shop, tmp_path, 1)
    pending.rename(tmp_path / "2024-03-01")
    assert finish_pending(tmp_path, released=lambda release_id: True) == []
    assert 'href="2024-03-01/index.html"' in (tmp_path / "index.html").read_text()
    assert show(tmp_path, 1, DAY) == tmp_path / "2024-03-01"


def test_the_report_of_a_release_that_never_committed_is_removed(shop, tmp_path):
    publish(shop, tmp_path, 1)
    publish(shop, tmp_path, 2, date(2024, 3, 2))
    (tmp_path / ".pending" / "3.part").mkdir()
    assert finish_pending(tmp_path, released=lambda release_id: release_id == 1) == [tmp_path / "2024-03-01"]
    assert not (tmp_path / "2024-03-02").exists()
    assert not (tmp_path / ".pending").exists()


def test_an_older_release_shown_late_does_not_replace_the_newer_one(shop, tmp_path):
    publish(shop, tmp_path, 1)
    publish(shop, tmp_path, 2)
    newest = show(tmp_path, 2, DAY)
    assert show(tmp_path, 1, DAY) == tmp_path / "2024-03-01.1"
    assert '"release_id": 2' in (newest / "report.json").read_text()
    assert show(tmp_path, 1, DAY) == tmp_path / "2024-03-01.1"


def test_finishing_without_any_report_does_nothing(tmp_path):
    assert finish_pending(tmp_path / "reports", released=lambda release_id: True) == []
    assert not (tmp_path / "reports").exists()


def test_a_release_that_serving_does_not_hold_has_no_report(shop, tmp_path):
    shop.release(1, DAY)
    with pytest.raises(NotFound, match="release 7"):
        write_pending(shop.connection, tmp_path, 7)
    with pytest.raises(NotFound, match="no report of release 7"):
        show(tmp_path, 7, DAY)


def test_a_folder_that_cannot_be_written_is_named(shop, tmp_path):
    (tmp_path / "reports").write_text("a file where the folder should be")
    shop.release(1, DAY)
    with pytest.raises(InfrastructureError, match=r"cannot be written.*permissions"):
        write_pending(shop.connection, tmp_path / "reports", 1)
