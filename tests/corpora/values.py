"""Values at the edges of each grammar, one a file."""

from collections.abc import Iterable, Iterator

from tests.corpora.shape import CURRENT, SUPERSEDED, Case, of_row

BLANKS = {"nothing": "", "a blank": " ", "a tab": "\t", "NBSP": "\u00a0", "ideographic space": "\u3000"}

GOOD_MONEY = (
    "0", "00", "007.50", "+5", "5.", ".5", "+.5", "0.0000", "-0", "-0.0", "-.0", "-0.00001", " 5 ", "\t5", "5\u00a0",
    "\u30005", "1.23455", "0.00004", "99999999999999.9999", "99999999999999.99994", "0" * 40 + "1.5", "1." + "0" * 40,
)  # fmt: skip
BAD_MONEY = (
    "1e3", "1E3", "1_000", "1,000", "\uff11\uff12", "\u0663", "$5", "\u20ac5", "5 USD", "5-", "--5", "+-5", "- 5",
    "1 000", "1\u00a0000", "1.2.3", ".", "+", "-", "NaN", "inf", "-inf", "0x10", "100000000000000",
    "99999999999999.99995", "-100000000000000", "five", "1\u200b", "\u200b", "5%", "1/2", "1\uff0e5", "\u22125",
    "1'000", "(5)", "true", "null", "9" * 400,
)  # fmt: skip
NEGATIVE_MONEY = ("-1", "-0.00005", "-0.0001", "-99999999999999.9999")

GOOD_INTS = ("0", "7", "+7", "007", "999999999", " 7 ", "7\u00a0", "-0", "+0", "000000000")
BAD_INTS = (
    "1000000000", "0000000001", "1.0", "7.", "1e3", "1_0", "1,0", "\uff11", "\u0663", "0x1", "- 1", "+-1", "--1",
    "7 7", "7-", "seven", "true", "7\u200b", "1" * 40, "\u2167", "\u00b2", "+", "-",
)  # fmt: skip
NEGATIVE_INTS = ("-1", "-999999999", "-007")

GOOD_TIMES = (
    "2024-02-29", "2000-02-29", "2023-02-28", "2024-12-31", "1970-01-01", "2199-12-31", "2199-12-31T23:59:59.999999",
    "2024-01-01 10:00", "2024-01-01T10:00", "2024-01-01T10:00:00", "2024-01-01 00:00:00", "2024-01-01T23:59:59",
    "2024-01-01T10:00:00.1", "2024-01-01T10:00:00.123456789", "2024-01-01T10:00:59." + "9" * 30, "2024-01-01T10:00Z",
    "2024-01-01 10:00:00Z", "2024-01-01T10:00:00.5Z", "2024-01-01T10:00+00:00", "2024-01-01T10:00-00:00",
    "2024-01-01T10:00+14:00", "2024-01-01T10:00-14:00", "2024-01-01T10:00+23:59", "2024-01-01T10:00-23:59",
    "2024-01-01T10:00+0530", "2024-01-01T10:00:00-0330", "2024-01-01T10:00+05", " 2024-01-01 ", "2024-01-01\u00a0",
    "1969-12-31T23:30-01:00", "2200-01-01T00:30+01",
)  # fmt: skip
BAD_TIMES = (
    "2023-02-29", "1900-02-29", "2100-02-29", "2024-02-30", "2024-04-31", "2024-13-01", "2024-00-10", "2024-01-00",
    "2024-01-32", "1969-12-31", "1969-12-31T23:59:59.999999", "2200-01-01", "0000-00-00", "9999-12-31",
    "1970-01-01T00:30+01:00", "2199-12-31T23:30-01:00", "2024-01-01T24:00", "2024-01-01T24:00:00", "2024-01-01T23:60",
    "2024-01-01T23:59:60", "2024-01-01T10", "2024-01-01T10:", "2024-01-01T1:00", "2024-01-01T10:00:0",
    "2024-01-01T10:00:00.", "2024-01-01T10:00:00,5", "2024-01-01t10:00", "2024-01-01T10:00z", "2024-01-01T10:00 Z",
    "2024-01-01T10:00+24:00", "2024-01-01T10:00-24:00", "2024-01-01T10:00+14:60", "2024-01-01T10:00+1",
    "2024-01-01T10:00+5:30", "2024-01-01T10:00+05:3", "2024-01-01T10:00+", "2024-01-01T10:00\u221205:00", "2024-1-1",
    "24-01-01", "20240101", "01/02/2024", "2024/01/01", "2024.01.01", "2024-01-01  10:00", "2024-01-01T", "2024-01",
    "2024-01-01Z", "2024-01-01+01:00", "2024-01-01T10:00:00 +01:00", "2024-01-01T10:00 UTC", "2024-01-01 10:00 AM",
    "2024-01-01T10:00Europe/London", "2024-01-01T10:00-00:00:00", "\uff12\uff10\uff12\uff14-01-01", "1704067200",
    "45292", "now", "today", "2024-W01-1", "2024-001", "-2024-01-01", "+2024-01-01", "02024-01-01",
    "2024-01-01T10:00\u200b", "2024\u201001-01", "2024-01-01\u00a010:00", "2024-01-01 T10:00",
)  # fmt: skip

FLAGS = {
    SUPERSEDED: ("true", "TRUE", "True", "tRuE", "1", " true ", "1\u00a0"),
    CURRENT: ("false", "FALSE", "False", "0", " 0", "", "  "),
    "deleted:type": (
        "yes", "no", "t", "f", "2", "-1", "01", "00", "y", "tru", "true.", "\uff11", "1.0", "on", "null", "\u200b",
    ),
}  # fmt: skip
ARRIVALS = {
    CURRENT: ("2024-01-01", "2024-01-01T10:00Z", " 2199-12-31 ", "1970-01-01", "", " "),
    "ingested_at:type": ("yesterday", "2024-02-30", "1969-12-31", "2200-01-01", "1704067200", "2024-01-01T24:00"),
}

STATUSES = ("created", "paid", "fulfilled", "delivered", "returned", "cancelled")
METHODS = ("card", "paypal", "bank_transfer", "wallet", "cash_on_delivery", "gift_card", "voucher", "other")
CHANNELS = ("web", "retail", "marketplace")
MOVEMENTS = ("receipt", "shipment", "return", "adjustment", "allocation", "release")
NEAR_MISSES = {
    ("orders", "status"): ("Created", "CREATED", "created ", " created", "created\u200b", "shipped", "null", "0"),
    ("orders", "payment_method"): ("Card", "credit_card", "bank transfer", "cash-on-delivery", "card,paypal"),
    ("stores", "channel"): ("Web", "online", "retail ", "web;retail", "\uff57eb"),
    ("inventory_movements", "movement_type"): ("Receipt", "sale", "receipts", "receipt\t"),
}
TEXTS = (
    " Ada ", "\u200b", "\ufeff", "\u202eadA", "e\u0301", "\U0001f6d2", "\u2400", "\x01",
    "\x1f", "\x7f", "\x85", "a\x0bb", "a\x0cb", "a\u2028b", "null", "NULL", "None", "N/A", "\\N", "=1+1", "'", "a;b",
    "a\tb", "<b>", "{", "[", '["a"]', '{"a": 1}', "\u0627\u0644", "x" * 20_000,
)  # fmt: skip


def cases() -> Iterator[Case]:
    """One file a value."""
    yield from _grid("products", "list_price", CURRENT, GOOD_MONEY)
    yield from _grid("products", "list_price", "list_price:type", BAD_MONEY)
    yield from _grid("products", "list_price", "list_price:ge_0", NEGATIVE_MONEY)
    yield from _grid("products", "list_price", "list_price:null", BLANKS.values())
    yield from _grid("products", "reorder_point", CURRENT, (*GOOD_INTS, "", " "))
    yield from _grid("products", "reorder_point", "reorder_point:type", BAD_INTS)
    yield from _grid("products", "reorder_point", "reorder_point:ge_0", NEGATIVE_INTS)
    yield from _grid("customers", "updated_at", CURRENT, GOOD_TIMES)
    yield from _grid("customers", "updated_at", "updated_at:type", BAD_TIMES)
    yield from _grid("customers", "updated_at", "updated_at:null", BLANKS.values())
    yield from _grid("customers", "customer_id", "customer_id:null", BLANKS.values())
    yield from _grid("customers", "full_name", CURRENT, (*BLANKS.values(), *TEXTS))
    for column, table in (("deleted", FLAGS), ("ingested_at", ARRIVALS)):
        for outcome, values in table.items():
            yield from _grid("stores", column, outcome, values)
    for (source, column), values in NEAR_MISSES.items():
        yield from _grid(source, column, f"{column}:enum", values)
    yield from _grid("orders", "payment_method", CURRENT, METHODS)
    yield from _grid("stores", "channel", CURRENT, CHANNELS)
    yield from _grid("inventory_movements", "movement_type", CURRENT, MOVEMENTS)
    for status in STATUSES:
        stamp = {} if status == "created" else {f"{status}_at": "2024-01-02"}
        yield of_row("orders", f"status {status}", CURRENT, status=status, **stamp)


def _grid(source: str, column: str, outcome: str, values: Iterable[str]) -> Iterator[Case]:
    for number, value in enumerate(values, 1):
        yield of_row(source, f"{column} {outcome} {number}", outcome, **{column: value})
