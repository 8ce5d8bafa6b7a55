import polars as pl
import pytest

from contracts.errors import InfrastructureError
from pipelines.generate.write import SHORT, SURPLUS, as_csv, moment, money, numbered, write_file


def test_numbers_become_ids_money_and_moments_exactly():
    frame = pl.DataFrame({"id": [12, -1], "cents": [1_990, -1], "at": [1_706_446_739, None]})
    assert frame.select(numbered("O", "id", 9), money("cents"), moment("at")).rows() == [
        ("O000000012", "19.90", "2024-01-28T12:58:59"),
        (None, None, None),
    ]
    assert pl.DataFrame({"cents": [0, 5, 123_456_789_012_345]}).select(money("cents")).to_series().to_list() == [
        "0.00",
        "0.05",
        "1234567890123.45",
    ]


def test_a_file_is_written_whole_with_quotes_only_where_needed(tmp_path):
    frame = pl.DataFrame({"a": ["x", None], "b": ['say "a, b"', "y"]})
    write_file(tmp_path / "day" / "returns.csv", as_csv(frame))
    assert (tmp_path / "day" / "returns.csv").read_bytes() == b'a,b\nx,"say ""a, b"""\n,y\n'
    assert [path.name for path in (tmp_path / "day").iterdir()] == ["returns.csv"]


def test_a_ragged_row_has_one_field_more_or_less(tmp_path):
    frame = pl.DataFrame({"a": ["1", "2", "3"], "b": ["x", f"{SURPLUS}more", SHORT]})
    assert as_csv(frame) == b"a,b\n1,x\n2,,more\n3\n"


def test_a_disk_that_refuses_is_said_with_the_file(tmp_path):
    (tmp_path / "day").write_text("a file where the folder should be")
    with pytest.raises(InfrastructureError, match=r"orders\.csv cannot be written"):
        write_file(tmp_path / "day" / "orders.csv", b"a\n1\n")
