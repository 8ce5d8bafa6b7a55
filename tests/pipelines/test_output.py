"""Query results as programs read them."""

import contextlib
import io
import json

import duckdb
import polars as pl
import pytest

from pipelines.output import Format, write

ROWS = """select * from (values
    (1, 'a,"b"', 12.3400::decimal(18,4), true, date '2024-01-02', timestamp '2024-01-02 03:04:05', ['x:y', 'z'],
        0.5::double),
    (2, null, null, null, null, null, null, null)) as t(n, text, money, flag, day, moment, reasons, ratio) order by n"""


@pytest.fixture
def con():
    with duckdb.connect() as opened:
        yield opened


def written(con, form, query=ROWS):
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
    with contextlib.redirect_stdout(out):
        write(con.sql(query), form)
    out.flush()
    return out.buffer.getvalue()


def test_csv_has_nulls_empty_booleans_in_words_and_lists_as_json(con):
    assert written(con, Format.csv).decode() == (
        "n,text,money,flag,day,moment,reasons,ratio\n"
        '1,"a,""b""",12.3400,true,2024-01-02,2024-01-02T03:04:05,"[""x:y"",""z""]",0.5\n'
        "2,,,,,,,\n"
    )


def test_json_has_money_as_text_and_numbers_lists_and_nulls_as_they_are(con):
    first, second = json.loads(written(con, Format.json))
    assert first == {
        "n": 1,
        "text": 'a,"b"',
        "money": "12.3400",
        "flag": True,
        "day": "2024-01-02",
        "moment": "2024-01-02T03:04:05.000000",
        "reasons": ["x:y", "z"],
        "ratio": 0.5,
    }
    assert set(second.values()) == {2, None}


def test_fractions_of_a_second_are_kept(con):
    query = "select timestamp '2024-01-02 03:04:05.678901' as moment"
    assert written(con, Format.csv, query).decode() == "moment\n2024-01-02T03:04:05.678901\n"


def test_no_rows_are_a_header_or_an_empty_list(con):
    nothing = "select 1 as n, ['a'] as list where false"
    assert written(con, Format.csv, nothing).decode() == "n,list\n"
    assert json.loads(written(con, Format.json, nothing)) == []


def test_parquet_keeps_the_types(con):
    frame = pl.read_parquet(io.BytesIO(written(con, Format.parquet)))
    assert frame.schema["money"] == pl.Decimal(18, 4)
    assert frame.schema["reasons"] == pl.List(pl.String)
    assert frame.height == 2


def test_a_table_for_eyes_shows_the_rows_and_says_where_it_ends(con):
    text = written(con, Format.table).decode()
    assert "12.3400" in text
    assert "None" not in text
    assert "200 of 300 rows" in written(con, Format.table, "select * from range(300)").decode()


def test_a_value_that_looks_like_markup_is_shown_as_it_is(con):
    assert "[bold]x[/bold]" in written(con, Format.table, "select '[bold]x[/bold]' as text").decode()


WIDE = "select " + ", ".join(f"{1000 + n} as a_long_name_{n}" for n in range(12)) + " from range(2)"


def test_a_wide_table_that_is_piped_has_every_value_on_its_rows_line(con, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    row, again = (line for line in written(con, Format.table, WIDE).decode().splitlines() if "1000" in line)
    assert row == again
    assert [int(word) for word in row.split() if word.isdigit()] == list(range(1000, 1012))


@pytest.fixture
def terminal(monkeypatch):
    """Standard output taken for a terminal of 80 columns."""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "80")


def test_a_table_wider_than_the_terminal_is_a_block_of_lines_a_row(con, terminal):
    block = "".join(f"a_long_name_{n:<4}{1000 + n}\n" for n in range(12))
    assert written(con, Format.table, WIDE).decode() == f"{block}\n{block}"


def test_a_value_longer_than_the_terminal_is_neither_folded_nor_cut(con, terminal):
    query = f"select '{'x' * 200}' as place, E'two\nlines' as text, '[b]' as \"[name]\""
    assert written(con, Format.table, query).decode().splitlines() == [
        f"place   {'x' * 200}",
        "text    two",
        "        lines",
        "[name]  [b]",
    ]


def test_a_table_that_fits_the_terminal_stays_one(con, terminal):
    assert "┃" in written(con, Format.table, "select 1 as n").decode()
