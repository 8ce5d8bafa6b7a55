import csv
import gzip
import hashlib
import io
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.registry import sources
from contracts.settings import Settings
from pipelines.landing.arrival import StillArriving
from pipelines.landing.folder import read_folder
from pipelines.landing.preflight import UNLIMITED, Limits, Unreadable
from pipelines.landing.read import Reading, read, read_landed

RETURNS = sources()["returns"]
HEADER = "return_id,order_id,line_number,quantity,returned_at,reason\n"
ROW = "R1,O1,1,2,2024-01-05,broken\n"


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    return tmp_path


def reading(folder: Path, content: str | bytes, name: str = "returns.csv") -> Reading:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(path, RETURNS)


def test_a_row_is_read_as_it_stands(landing: Path) -> None:
    found = reading(landing, HEADER + ' R1 ,O1,01,"2, ","a ""b""\r\n",\n')
    assert found.rows.rows() == [(" R1 ", "O1", "01", "2, ", 'a "b"\r\n', "", None, 1)]
    assert (found.new_columns, found.missing_columns) == ((), ())


def test_an_empty_field_is_empty_and_a_missing_optional_column_is_null(landing: Path) -> None:
    assert reading(landing, HEADER + "R1,O1,1,2,2024-01-05,\n").rows["reason"].to_list() == [""]
    found = reading(landing, "return_id,order_id,line_number,quantity,returned_at\nR1,O1,1,2,2024-01-05\n")
    assert found.rows["reason"].to_list() == [None]
    assert found.missing_columns == ("reason",)


def test_columns_may_stand_in_any_order(landing: Path) -> None:
    found = reading(landing, "quantity,reason,returned_at,line_number,order_id,return_id\n2,x,2024-01-05,1,O1,R1\n")
    assert found.rows.rows() == [("R1", "O1", "1", "2", "2024-01-05", "x", None, 1)]


def test_of_two_columns_of_one_name_the_last_counts(landing: Path) -> None:
    found = reading(landing, "reason,note,note," + HEADER + "first,one,two," + ROW)
    assert found.rows["reason"].to_list() == ["broken"]
    assert json.loads(found.rows["extra"][0]) == {"note": "two"}


def test_undeclared_columns_are_kept_whatever_their_name(landing: Path) -> None:
    header = HEADER.strip() + ',row_number,extra,c0,,"a ""b"".c",landing_date\n'
    found = reading(landing, header + ROW.strip() + ",7,8,9,é,\\,x\n")
    assert found.rows["row_number"].to_list() == [1]
    assert json.loads(found.rows["extra"][0]) == {
        "row_number": "7",
        "extra": "8",
        "c0": "9",
        "": "é",
        'a "b".c': "\\",
        "landing_date": "x",
    }
    assert found.new_columns == ("row_number", "extra", "c0", "", 'a "b".c', "landing_date")


def test_ingested_at_and_deleted_are_kept_beside_and_are_not_new(landing: Path) -> None:
    found = reading(landing, "ingested_at,deleted," + HEADER + "2024-01-06,1," + ROW)
    assert json.loads(found.rows["extra"][0]) == {"ingested_at": "2024-01-06", "deleted": "1"}
    assert found.new_columns == ()


def test_a_ragged_record_keeps_all_its_fields_and_its_number(landing: Path) -> None:
    found = reading(landing, HEADER + "R0,O0\n" + ROW + '\nR2,O1,1,1,2024-01-05,"x, y",more\n')
    rows = found.rows.select("return_id", "reason", "extra", "row_number").rows()
    assert rows == [
        ("R0", None, '["R0","O0"]', 1),
        ("R1", "broken", None, 2),
        ("R2", "x, y", '["R2","O1","1","1","2024-01-05","x, y","more"]', 3),
    ]


def test_ragged_records_of_very_different_widths_are_all_kept(landing: Path) -> None:
    widths = [1, 900, 5, 7, 2, 1, 64, 65, 8, 3]
    found = reading(landing, HEADER + "".join(",".join(map(str, range(width))) + "\n" for width in widths))
    assert [json.loads(extra) for extra in found.rows["extra"]] == [list(map(str, range(width))) for width in widths]
    assert found.rows["quantity"].to_list() == [None if width < 4 else "3" for width in widths]


def test_a_ragged_record_may_be_very_long(landing: Path) -> None:
    found = reading(landing, HEADER + "R0," + "x" * 200_000 + "\n")
    assert json.loads(found.rows["extra"][0]) == ["R0", "x" * 200_000]


def test_empty_lines_are_no_records_wherever_they_stand(landing: Path) -> None:
    for blank in ("\n", "\n\n\n", "\r\n"):
        found = reading(landing, HEADER + blank + ROW + blank + ROW + blank)
        assert found.rows["row_number"].to_list() == [1, 2]
        assert found.rows["return_id"].to_list() == ["R1", "R1"]


def test_a_record_of_only_commas_is_one(landing: Path) -> None:
    assert reading(landing, HEADER + ",,,,,\n" + ROW).rows.rows()[0] == ("",) * 6 + (None, 1)


@pytest.mark.parametrize("content", [HEADER, HEADER.strip(), HEADER + "\n\n"])
def test_a_file_of_only_a_header_has_no_rows(landing: Path, content: str) -> None:
    assert reading(landing, content).rows.height == 0


def test_a_gzipped_file_is_read_like_any_other(landing: Path) -> None:
    packed = gzip.compress((HEADER + ROW).encode())
    assert reading(landing, packed, "returns.csv.gz").rows["return_id"].to_list() == ["R1"]


def test_a_file_over_the_limits_of_the_settings_is_refused_in_whatever_form(landing: Path) -> None:
    limits = Limits.of(Settings(max_file_mib=1, max_fields=7, max_line_kib=1))
    ok = HEADER + ROW
    for name, content, said in (
        ("returns.csv", ok + "\n" * 2**20, "too large: 1,048,6.* bytes, where max_file_mib allows 1 MiB"),
        ("returns.csv.gz", gzip.compress((ok + "\n" * 2**20).encode()), "too large: more than that unpacked"),
        ("returns.csv", ok + ROW.strip() + ",8,9\n", "8 fields in line 3"),
        ("returns.csv", ok + "R2,O1,1,1,2024-01-05," + "x" * 1024, "1,045 bytes in line 3"),
    ):
        (landing / name).write_bytes(content.encode() if isinstance(content, str) else content)
        with pytest.raises(Unreadable, match=said):
            read(landing / name, RETURNS, limits)


def test_a_landed_file_is_hashed_and_parsed_from_the_same_bytes(landing: Path) -> None:
    (landing / "2024-01-06").mkdir()
    path = landing / "2024-01-06" / "returns.csv"
    path.write_text(HEADER + ROW, encoding="utf-8")
    [file] = read_folder(landing, date(2024, 1, 6), sources()).files
    assert read_landed(file, RETURNS, UNLIMITED).rows["return_id"].to_list() == ["R1"]
    path.unlink()
    assert file.file_hash == hashlib.sha256((HEADER + ROW).encode()).hexdigest()
    with pytest.raises(StillArriving, match="it is gone"):
        read_landed(file, RETURNS, UNLIMITED)


def test_a_missing_required_column_is_named_with_the_nearest_name_in_the_header(landing: Path) -> None:
    with pytest.raises(Unreadable, match=r"no column order_id \(is it 'order_ids'\?\), quantity in the header"):
        reading(landing, "return_id,order_ids,line_number,returned_at\n")


def test_a_name_in_another_spelling_is_the_nearest(landing: Path) -> None:
    with pytest.raises(Unreadable, match=r"no column return_id \(is it 'Return ID'\?\), order_id \(is it 'ORDER-ID'"):
        reading(landing, "Return ID,ORDER-ID,line_number,quantity,returned_at\n")


@pytest.mark.parametrize(("separator", "said"), [(";", "';'"), ("\t", "a tab"), ("|", r"'\|'")])
def test_another_separator_is_named(landing: Path, separator: str, said: str) -> None:
    with pytest.raises(Unreadable, match=f"perhaps separated by {said}: save it with commas"):
        reading(landing, (HEADER + ROW).replace(",", separator))


def records(rows: pl.DataFrame) -> list[list[str]]:
    """Every field of every record, ragged ones included."""
    return [
        json.loads(extra) if extra else list(values)
        for *values, extra in rows.select(*RETURNS.names, "extra").iter_rows()
    ]


fields = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6) | st.text('",\n\r a', max_size=6)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(fields, min_size=6, max_size=6), max_size=8),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_a_csv_writer_writes_is_read_back_row_for_row(
    landing: Path, rows: list[list[str]], quoting: int, line_end: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=quoting, lineterminator=line_end)
    writer.writerow(RETURNS.names)
    writer.writerows(rows)
    expected = [row for row in csv.reader(io.StringIO(out.getvalue(), newline="")) if row][1:]
    found = reading(landing, out.getvalue()).rows
    assert records(found) == expected
    assert found["row_number"].to_list() == list(range(1, len(expected) + 1))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text('ab",,\n\n\r', max_size=40))
def test_any_text_is_read_as_the_csv_module_reads_it_or_refused_as_it_refuses(landing: Path, body: str) -> None:
    content = HEADER + body
    try:
        expected = [row for row in csv.reader(io.StringIO(content, newline=""), strict=True) if row][1:]
    except csv.Error:
        with pytest.raises(Unreadable, match="broken quoting"):
            reading(landing, content)
        return
    assert records(reading(landing, content).rows) == expected
