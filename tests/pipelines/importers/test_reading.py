import gzip
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from contracts.errors import UnreadableExport
from pipelines.importers.reading import find_files, read_sheets

HEADER = ("Invoice", "Description")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_line_ends_and_a_byte_order_mark_change_no_value(
    write_export: Callable[..., Path], line_end: str, encoding: str
) -> None:
    rows = [("1", ' A "BIG", RED '), ("2", "café"), ("3", "")]
    (sheet,) = read_sheets(write_export(rows, HEADER, line_end=line_end, encoding=encoding))

    assert sheet.rows.rows() == [("1", 'A "BIG", RED'), ("2", "café"), ("3", None)]
    assert sheet.rows.columns == ["Invoice", "Description"]
    assert sheet.notes == ()


def test_latin_1_is_read_and_said(write_export: Callable[..., Path]) -> None:
    (sheet,) = read_sheets(write_export([("1", "£5 café")], HEADER, encoding="latin-1"))

    assert sheet.rows["Description"].to_list() == ["£5 café"]
    assert sheet.notes == ("not UTF-8; read as Latin-1",)


def test_a_gzipped_csv_is_read(write_export: Callable[..., Path]) -> None:
    path = write_export([("1", "a")], HEADER)
    packed = path.with_name("export.csv.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))

    (sheet,) = read_sheets(packed)

    assert sheet.rows.rows() == [("1", "a")]


def test_empty_lines_are_no_records_and_a_line_of_commas_is_one(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("Invoice,Description\n1,a\n\n\n,\n2,b\n\n")

    (sheet,) = read_sheets(path)

    assert sheet.rows.rows() == [("1", "a"), (None, None), ("2", "b")]


def test_every_sheet_of_a_workbook_is_read_and_empty_ones_are_left_out(write_workbook: Callable[..., Path]) -> None:
    header = ("Invoice", "Price", "At")
    path = write_workbook(
        {
            "one": [header, ("489434", "6.95", "2009-12-01 07:45:00"), ("C489435", "0.1", "2009-12-01 09:06:00")],
            "none": [],
            "two": [header, ("489436", "2", "")],
        }
    )

    sheets = list(read_sheets(path))

    assert [sheet.label for sheet in sheets] == ["export.xlsx, sheet one", "export.xlsx, sheet two"]
    assert sheets[0].rows.rows() == [
        ("489434", "6.95", "2009-12-01 07:45:00"),
        ("C489435", "0.1", "2009-12-01 09:06:00"),
    ]
    assert sheets[1].rows.rows() == [("489436", "2", None)]
    assert set(sheets[0].rows.dtypes) == {pl.String()}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("export.csv", b"", "no header"),
        ("export.csv", b"a,b\n1,2\n3\n", "has 1 fields in line 3 where its header has 2"),
        ("export.csv", b'a,b\n1,"2\n', "quot"),
        ("export.csv", b"a,b\n1,\x002\n", "NUL"),
        ("export.csv", "a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("export.csv.gz", b"a,b\n1,2\n", "no whole gzip file"),
        ("export.xlsx", b"PK, but no workbook", "cannot be read as an Excel workbook"),
    ],
)
def test_a_broken_file_is_refused_by_name_with_the_reason(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(UnreadableExport, match=says) as caught:
        list(read_sheets(path))

    assert str(path) in str(caught.value)


def test_a_folder_gives_its_readable_files_by_name_and_each_file_once(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv.gz", "c.XLSX", "notes.txt", ".hidden.csv", "~$c.xlsx"):
        (tmp_path / name).touch()

    found = find_files([tmp_path / "c.XLSX", tmp_path])

    assert [path.name for path in found] == ["c.XLSX", "a.csv.gz", "b.csv"]


@pytest.mark.parametrize(("name", "says"), [("gone.csv", "no file"), ("notes.txt", "none of"), (".", "holds no")])
def test_a_path_that_is_no_export_is_refused(tmp_path: Path, name: str, says: str) -> None:
    (tmp_path / "notes.txt").touch()

    with pytest.raises(UnreadableExport, match=says):
        find_files([tmp_path / name])
