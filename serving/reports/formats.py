"""How figures, dates and changes are written. Exact: Decimal in, text out."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Literal

from contracts.settings import NumberFormat

MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
# ISO 4217: the currencies whose minor unit is not a hundredth.
_MINOR_DIGITS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"), 0
    ),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}

# What stands between thousands and before decimals.
_SEPARATORS: dict[NumberFormat, tuple[str, str]] = {
    "1,234.5": (",", "."),
    "1.234,5": (".", ","),
    "1 234,5": ("\N{NARROW NO-BREAK SPACE}", ","),
    "1'234.5": ("\N{RIGHT SINGLE QUOTATION MARK}", "."),
}
_written: ContextVar[NumberFormat] = ContextVar("number_format", default="1,234.5")


@contextmanager
def numbers(style: NumberFormat) -> Iterator[None]:
    """Numbers are written so inside."""
    before = _written.set(style)
    try:
        yield
    finally:
        _written.reset(before)


def separators() -> tuple[str, str]:
    """What stands between thousands and before decimals."""
    return _SEPARATORS[_written.get()]


@dataclass(frozen=True)
class Change:
    """A figure against an earlier one."""

    text: str
    direction: Literal["up", "down", "level"]

    def against(self, what: str) -> str:
        """As a phrase: `up 8.2% on the month before`, `level with the month before`."""
        if self.direction == "level":
            return f"level with {what}"
        return f"{self.direction}{NO_BREAK}{self.text[1:]} on {what}"


def minor_digits(currency: str) -> int:
    """How many decimal places amounts of a currency are written with."""
    return _MINOR_DIGITS.get(currency, 2)


def rounded(value: Decimal, digits: int) -> Decimal:
    """Half away from zero, with exactly `digits` decimal places; never minus zero."""
    with localcontext(prec=60):
        return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP) + 0


def grouped(value: Decimal | int) -> str:
    """With thousands separators and a real minus sign."""
    thousands, decimals = separators()
    return f"{value:,}".translate({ord(","): thousands, ord("."): decimals, ord("-"): MINUS})


def money(value: Decimal, currency: str) -> str:
    """An amount with its currency; whole units from a thousand up, where cents only distract."""
    digits = minor_digits(currency) if abs(value) < 1000 else 0
    return f"{currency}{NO_BREAK}{grouped(rounded(value, digits))}"


def share(part: Decimal | int, whole: Decimal | int) -> str | None:
    """A part as a percentage of a positive whole, or None."""
    if whole <= 0:
        return None
    return f"{grouped(rounded(Decimal(part) / Decimal(whole) * 100, 1))}%"


def percent(rate: Decimal | float, digits: int = 1) -> str:
    """A rate as a percentage."""
    return f"{grouped(rounded(Decimal(rate) * 100, digits))}%"


def change(now: Decimal | int | None, before: Decimal | int | None) -> Change | None:
    """How far `now` is from `before`, in percent of it; None where there is nothing positive to compare with."""
    if now is None or before is None or before <= 0:
        return None
    moved = (Decimal(now) - Decimal(before)) / Decimal(before) * 100
    shown = rounded(moved, 1 if abs(moved) < 100 else 0)
    if shown == 0:
        return Change(f"{grouped(rounded(Decimal(0), 1))}%", "level")
    sign = "+" if shown > 0 else ""
    return Change(f"{sign}{grouped(shown)}%", "up" if shown > 0 else "down")


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 order`, `2 orders`."""
    return f"{grouped(count)} {one if count == 1 else many or one + 's'}"


def day(value: date) -> str:
    """`7 February 2024`."""
    return f"{value.day} {value:%B} {value.year}"


def weekday(value: date) -> str:
    """`Wednesday 7 February 2024`."""
    return f"{value:%A} {day(value)}"


def moment(value: datetime, timezone: str) -> str:
    """`7 February 2024, 11:05 Europe/London`."""
    return f"{day(value.date())}, {value:%H:%M} {timezone}"
