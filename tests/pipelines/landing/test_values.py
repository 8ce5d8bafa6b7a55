import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.landing import values

BOUND = Decimal(10) ** 14


def series(*raw: str | None) -> pl.Series:
    return pl.Series("raw", raw, dtype=pl.String)


@pytest.mark.parametrize("blank", ["", " ", "\t", "\u00a0", "\u3000\u2028", None])
def test_text_of_nothing_but_white_space_is_null(blank: str | None) -> None:
    assert values.text(series(blank)).to_list() == [None]


def test_other_text_is_kept_as_it_came() -> None:
    assert values.text(series(" a ", "\u200b")).to_list() == [" a ", "\u200b"]


@pytest.mark.parametrize(
    ("raw", "value"),
    [("7", 7), (" +7\u00a0", 7), ("-7", -7), ("-0", 0), ("007", 7), ("999999999", 999_999_999)],
)
def test_an_int_has_up_to_nine_digits_and_perhaps_a_sign(raw: str, value: int) -> None:
    assert values.integer(series(raw)).to_list() == [value]


@pytest.mark.parametrize(
    "raw", ["", "1000000000", "0000000001", "1.0", "1e3", "1_0", "+-1", "- 1", "\u0661", "\uff11", "0x1"]
)
def test_anything_else_is_no_int(raw: str) -> None:
    assert values.integer(series(raw)).to_list() == [None]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1", "1"),
        ("1.", "1"),
        (".5", "0.5"),
        ("+.5", "0.5"),
        (" 1.50\n", "1.5"),
        ("0.00005", "0.0001"),
        ("-0.00005", "-0.0001"),
        ("0.00015", "0.0002"),
        ("0.00025", "0.0003"),
        ("1.00004999999999999999999999999999999999", "1"),
        ("99999999999999.99994", "99999999999999.9999"),
        ("-99999999999999.9999", "-99999999999999.9999"),
        ("0" * 60 + "1.5", "1.5"),
    ],
)
def test_money_is_rounded_half_away_from_zero_to_four_places(raw: str, value: str) -> None:
    assert values.money(series(raw)).to_list() == [Decimal(value)]


@pytest.mark.parametrize(
    "raw",
    ["", ".", "+", "1e3", "1_000", "1,5", "$1", "\u0661", "NaN", "inf", "100000000000000", "99999999999999.99995"],
)
def test_anything_else_is_no_money(raw: str) -> None:
    assert values.money(series(raw)).to_list() == [None]


def money(raw: str) -> Decimal | None:
    """The rule in plain Python."""
    stripped = raw.strip()
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)", stripped):
        return None
    value = Decimal(stripped).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return value if abs(value) < BOUND else None


amounts = st.one_of(
    st.from_regex(r"[ ]?[+-]?[0-9]{0,15}\.?[0-9]{0,8}[ ]?", fullmatch=True),
    st.from_regex(r"[+-]?[0-9]{1,14}\.[0-9]{3}[4-6][4-6]{0,3}0{0,3}", fullmatch=True),
    st.text("0123456789.+-e_ ", max_size=8),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(amounts, min_size=1, max_size=30))
def test_money_is_what_decimal_arithmetic_says(raw: list[str]) -> None:
    assert values.money(series(*raw)).to_list() == [money(text) for text in raw]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("2024-02-29", "2024-02-29T00:00:00"),
        ("2024-02-29 10:11", "2024-02-29T10:11:00"),
        ("2024-02-29T10:11:12", "2024-02-29T10:11:12"),
        (" 2024-02-29T23:59:59 ", "2024-02-29T23:59:59"),
        ("2024-02-29T10:11:12.1", "2024-02-29T10:11:12.100000"),
        ("2024-02-29T10:11:12.1234569", "2024-02-29T10:11:12.123456"),
        ("2024-02-29T10:11Z", "2024-02-29T10:11:00"),
        ("2024-02-29T10:11+02", "2024-02-29T08:11:00"),
        ("2024-02-29T10:11:12-0230", "2024-02-29T12:41:12"),
        ("2024-02-29 10:11:12.5+02:30", "2024-02-29T07:41:12.500000"),
        ("1970-01-01", "1970-01-01T00:00:00"),
        ("1969-12-31T23:30-01:00", "1970-01-01T00:30:00"),
        ("2199-12-31T23:59:59.999999", "2199-12-31T23:59:59.999999"),
        ("2200-01-01T00:30+01", "2199-12-31T23:30:00"),
    ],
)
def test_a_timestamp_is_a_date_or_a_date_and_a_time_with_or_without_an_offset(raw: str, value: str) -> None:
    assert values.timestamp(series(raw), "UTC").to_list() == [datetime.fromisoformat(value)]


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "2024-02-30",
        "2023-02-29T10:00:00",
        "2024-1-1",
        "24-01-01",
        "2024-01-01T24:00",
        "2024-01-01T10:60",
        "2024-01-01T10:00:60",
        "2024-01-01T10",
        "2024-01-01T10:00:00.",
        "2024-01-01T10:00.5",
        "2024-01-01Z",
        "2024-01-01t10:00",
        "2024-01-01  10:00",
        "2024-01-01\t10:00",
        "2024-01-01T10:00 Z",
        "2024-01-01T10:00z",
        "2024-01-01T10:00+2",
        "2024-01-01T10:00+24:00",
        "2024-01-01T10:00+02:60",
        "1969-12-31T23:59:59",
        "1970-01-01T00:30+01:00",
        "2200-01-01",
        "2199-12-31T23:30-01:00",
        "0000-01-01",
    ],
)
def test_anything_else_is_no_timestamp(raw: str) -> None:
    assert values.timestamp(series(raw), "UTC").to_list() == [None]


def test_only_a_timestamp_with_an_offset_is_converted_to_the_business_time_zone() -> None:
    raw = series("2024-07-01T10:00:00", "2024-07-01", "2024-07-01T10:00:00Z", "2024-12-31T23:30:00Z")
    assert values.timestamp(raw, "Europe/Berlin").to_list() == [
        datetime(2024, 7, 1, 10),
        datetime(2024, 7, 1),
        datetime(2024, 7, 1, 12),
        datetime(2025, 1, 1, 0, 30),
    ]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.datetimes(datetime(1969, 12, 30), datetime(2099, 1, 1)), min_size=1, max_size=20),
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
    st.sampled_from(["UTC", "Europe/London", "America/New_York", "Asia/Kolkata"]),
)
def test_an_offset_means_the_instant_that_zoneinfo_says(moments: list[datetime], minutes: int, zone: str) -> None:
    sign, ahead = "-" if minutes < 0 else "+", abs(minutes)
    offset = f"{sign}{ahead // 60:02}:{ahead % 60:02}"
    expected = []
    for moment in moments:
        instant = (moment - timedelta(minutes=minutes)).replace(tzinfo=ZoneInfo("UTC"))
        local = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        expected.append(local if 1970 <= local.year <= 2199 else None)
    raw = series(*(moment.isoformat() + offset for moment in moments))
    assert values.timestamp(raw, zone).to_list() == expected


def test_plain_and_unusual_spellings_in_one_column_keep_their_places() -> None:
    stamps = series("2024-01-01T00:00:00", None, "2024-01-02", "x", "2024-01-03T00:00:00")
    assert values.timestamp(stamps, "UTC").to_list() == [
        datetime(2024, 1, 1),
        None,
        datetime(2024, 1, 2),
        None,
        datetime(2024, 1, 3),
    ]
    assert values.money(series("1", None, ".5", "x", "2")).to_list() == [1, None, Decimal("0.5"), None, 2]


@pytest.mark.parametrize(
    ("raw", "value"),
    [("true", True), ("TRUE", True), (" 1 ", True), ("False", False), ("0", False), ("yes", None), ("", None)],
)
def test_a_flag_is_true_false_one_or_zero_in_any_case(raw: str, value: bool | None) -> None:
    assert values.flag(series(raw)).to_list() == [value]


def test_a_column_without_rows_is_typed() -> None:
    kinds = {"text": pl.String(), "int": pl.Int64(), "money": pl.Decimal(18, 4), "ts": pl.Datetime("us")}
    assert {kind: values.typed(series(), kind, "UTC").dtype for kind in kinds} == kinds
