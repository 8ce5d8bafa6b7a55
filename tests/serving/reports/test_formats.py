"""How figures are written."""

from datetime import date
from decimal import Decimal

import pytest

from contracts.settings import NumberFormat
from serving.reports.formats import (
    change,
    day,
    grouped,
    minor_digits,
    money,
    numbers,
    percent,
    plural,
    rounded,
    share,
    weekday,
)

NB = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("0", "USD", "USD 0.00"),
        ("999.994", "USD", "USD 999.99"),
        ("1000.50", "EUR", "EUR 1,001"),
        ("-12.345", "GBP", f"GBP {MINUS}12.35"),
        ("-0.001", "USD", "USD 0.00"),
        ("12.5", "JPY", "JPY 13"),
        ("1.2345", "KWD", "KWD 1.235"),
        ("99999999999999999999999999999999.9999", "USD", "USD 100,000,000,000,000,000,000,000,000,000,000"),
    ],
)
def test_amounts_carry_their_currency_and_no_cents_from_a_thousand_up(amount, currency, written):
    assert money(Decimal(amount), currency) == written.replace(" ", NB)


def test_a_half_is_rounded_away_from_zero():
    assert (rounded(Decimal("0.125"), 2), rounded(Decimal("-0.125"), 2)) == (Decimal("0.13"), Decimal("-0.13"))


@pytest.mark.parametrize(
    ("now", "before", "text", "words"),
    [
        ("108", "100", "+8.0%", "up 8.0% on it"),
        ("95.5", "100", f"{MINUS}4.5%", "down 4.5% on it"),
        ("100.01", "100", "0.0%", "level with it"),
        ("350", "100", "+250%", "up 250% on it"),
        ("-50", "100", f"{MINUS}150%", "down 150% on it"),
    ],
)
def test_a_change_is_in_percent_of_what_was(now, before, text, words):
    found = change(Decimal(now), Decimal(before))
    assert found is not None
    assert (found.text, found.against("it").replace(NB, " ")) == (text, words)


@pytest.mark.parametrize(("now", "before"), [("5", "0"), ("5", "-1"), (None, "5"), ("5", None)])
def test_there_is_no_change_against_nothing(now, before):
    assert change(now and Decimal(now), before and Decimal(before)) is None


def test_a_share_of_nothing_is_not_said():
    assert (share(1, 3), share(1, 0)) == ("33.3%", None)


def test_counts_and_dates_are_written_out():
    assert (plural(1, "order"), plural(1200, "order"), grouped(-1)) == ("1 order", "1,200 orders", f"{MINUS}1")
    assert (day(date(2024, 2, 7)), weekday(date(2024, 2, 7))) == ("7 February 2024", "Wednesday 7 February 2024")
    assert (minor_digits("USD"), minor_digits("JPY")) == (2, 0)


@pytest.mark.parametrize(
    ("style", "amount", "rate", "moved"),
    [
        ("1,234.5", "USD -12,346", "8.3%", "+1,150%"),
        ("1.234,5", "USD -12.346", "8,3%", "+1.150%"),
        ("1 234,5", "USD -12\N{NARROW NO-BREAK SPACE}346", "8,3%", "+1\N{NARROW NO-BREAK SPACE}150%"),
        ("1'234.5", "USD -12\N{RIGHT SINGLE QUOTATION MARK}346", "8.3%", "+1\N{RIGHT SINGLE QUOTATION MARK}150%"),
    ],
)
def test_numbers_are_written_as_the_setting_says_and_as_before_afterwards(
    style: NumberFormat, amount: str, rate: str, moved: str
) -> None:
    with numbers(style):
        assert money(Decimal("-12345.6"), "USD") == amount.replace(" ", NB, 1).replace("-", MINUS)
        assert percent(0.0825) == rate
        said = change(Decimal(1250), Decimal(100))
        assert said is not None
        assert said.text == moved
    assert grouped(Decimal("1234.5")) == "1,234.5"
