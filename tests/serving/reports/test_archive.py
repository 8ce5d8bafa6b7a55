"""The archive of reports."""

import re
from datetime import date

from serving.reports.archive import write_archive
from serving.reports.publish import show, write_pending


def shown(shop, reports, release_id: int, as_of: date) -> str:
    shop.release(release_id, as_of)
    write_pending(shop.connection, reports, release_id)
    show(reports, release_id, as_of)
    return (reports / "index.html").read_text()


def test_reports_stand_newest_first_with_their_headline(shop, tmp_path):
    shop.day(date(2024, 2, 29), 1, "20")
    shop.day(date(2024, 3, 1), 1, "30")
    shown(shop, tmp_path, 1, date(2024, 2, 29))
    page = shown(shop, tmp_path, 2, date(2024, 3, 1))
    assert re.findall(r'class="entry" href="([^"]+)"', page) == ["2024-03-01/index.html", "2024-02-29/index.html"]
    assert re.findall(r"<strong>USD\s([\d.]+)</strong>", page) == ["50.00", "20.00"]
    assert "net, last 2 days" in page
    assert "net, one day" in page


def test_the_sparkline_spans_its_box_with_zero_at_the_foot(shop, tmp_path):
    for day, gross in ((1, "100"), (2, "0"), (3, "50")):
        shop.day(date(2024, 3, day), 1, gross)
    assert 'points="2.0,2.0 60.0,30.0 118.0,16.0"' in shown(shop, tmp_path, 1, date(2024, 3, 3))


def test_an_archive_without_reports_says_what_writes_the_first(tmp_path):
    write_archive(tmp_path)
    assert "The first run of the pipeline writes the first report." in (tmp_path / "index.html").read_text()


def test_folders_that_are_no_reports_are_left_out(shop, tmp_path):
    (tmp_path / "2024-01-01").mkdir()
    (tmp_path / "notes").mkdir()
    page = shown(shop, tmp_path, 1, date(2024, 3, 1))
    assert page.count('class="entry"') == 1


def test_an_archive_that_is_up_to_date_is_not_written_again(shop, tmp_path):
    shown(shop, tmp_path, 1, date(2024, 3, 1))
    before = (tmp_path / "index.html").stat().st_mtime_ns
    write_archive(tmp_path)
    assert (tmp_path / "index.html").stat().st_mtime_ns == before
