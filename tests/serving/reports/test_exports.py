"""The tables of a report in other tools' formats."""

import hashlib
import io
import zipfile
from datetime import date

import fastexcel
import pytest

from serving.reports.release import read_release
from serving.reports.render import render

DAY = date(2024, 3, 1)


@pytest.fixture
def files(shop) -> dict[str, bytes]:
    shop.days(DAY, 3, 1, "10.05")
    shop.product("A", "=1+1")
    shop.alert("A", "at_risk", 3)
    shop.release(1, DAY)
    return render(shop.connection, read_release(shop.connection, 1)).files


def test_the_workbook_holds_every_table_typed_and_a_name_never_becomes_a_formula(files):
    book = fastexcel.read_excel(files["tables.xlsx"])
    assert {"contents", "open_alerts", "revenue_daily"} <= set(book.sheet_names)
    days = book.load_sheet("revenue_daily").to_arrow().to_pylist()
    assert [row["net revenue"] for row in days] == [10.05] * 3
    assert [row["date"] for row in days][-1].isoformat() == "2024-03-01T00:00:00"
    (alert,) = book.load_sheet("open_alerts").to_arrow().to_pylist()
    assert alert["product name"] == "=1+1"


def test_the_csv_files_hold_amounts_exactly(files):
    archive = zipfile.ZipFile(io.BytesIO(files["tables-csv.zip"]))
    lines = archive.read("revenue_daily.csv").decode().splitlines()
    assert lines == ["date,net_revenue", "2024-02-28,10.0500", "2024-02-29,10.0500", "2024-03-01,10.0500"]


def test_every_file_has_its_hash(files):
    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    assert sums.keys() == files.keys() - {"SHA256SUMS"}
    assert all(hashlib.sha256(files[name]).hexdigest() == digest for name, digest in sums.items())


def test_same_data_same_bytes(shop, files):
    assert render(shop.connection, read_release(shop.connection, 1)).files == files
