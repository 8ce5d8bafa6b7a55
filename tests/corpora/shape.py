"""What a case of the own corpus is: one file with one fault, and what the rules say must become of it.

The rules are those of the data model, written out by hand here; nothing is asked of the product.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CURRENT, SUPERSEDED = "current", "superseded"
COLUMNS = {
    "customers": "customer_id full_name email country region city signup_at updated_at",
    "products": "product_id product_name category subcategory brand list_price unit_cost reorder_point updated_at",
    "stores": "store_id store_name channel country region city updated_at",
    "orders": "order_id customer_id store_id status created_at paid_at fulfilled_at delivered_at returned_at "
    "cancelled_at payment_method currency shipping_amount updated_at",
    "order_items": "order_id line_number product_id quantity unit_price discount_amount tax_amount",
    "returns": "return_id order_id line_number quantity returned_at reason",
    "inventory_movements": "movement_id product_id location movement_type quantity occurred_at order_id",
}
REQUIRED = {
    "customers": "customer_id updated_at",
    "products": "product_id product_name list_price updated_at",
    "stores": "store_id store_name channel updated_at",
    "orders": "order_id status created_at payment_method currency updated_at",
    "order_items": "order_id line_number product_id quantity unit_price discount_amount tax_amount",
    "returns": "return_id order_id line_number quantity returned_at",
    "inventory_movements": "movement_id product_id movement_type quantity occurred_at",
}
# What is usual in a row; `{case}` keeps the keys of cases apart, `{row}` those of a case's rows.
USUAL: dict[str, dict[str, str]] = {
    "customers": {"customer_id": "{case}.{row}", "full_name": "Ada", "updated_at": "2024-01-01"},
    "products": {
        "product_id": "{case}.{row}",
        "product_name": "Lamp",
        "list_price": "10",
        "updated_at": "2024-01-01",
    },
    "stores": {
        "store_id": "{case}.{row}",
        "store_name": "High Street",
        "channel": "web",
        "updated_at": "2024-01-01",
    },
    "orders": {
        "order_id": "{case}.{row}",
        "status": "created",
        "created_at": "2024-01-01T10:00:00",
        "payment_method": "card",
        "currency": "USD",
        "updated_at": "2024-01-01T10:00:00",
    },
    "order_items": {
        "order_id": "{case}",
        "line_number": "{row}",
        "product_id": "PARENT",
        "quantity": "5",
        "unit_price": "10",
        "discount_amount": "0",
        "tax_amount": "0",
    },
    "returns": {
        "return_id": "{case}.{row}",
        "order_id": "back-{case}",
        "line_number": "1",
        "quantity": "1",
        "returned_at": "2024-01-08",
    },
    "inventory_movements": {
        "movement_id": "{case}.{row}",
        "product_id": "PARENT",
        "movement_type": "receipt",
        "quantity": "1",
        "occurred_at": "2024-01-01",
    },
}


@dataclass(frozen=True)
class Rejected:
    """The file is kept aside, its reason holding these words."""

    said: str


@dataclass(frozen=True)
class Loaded:
    """Every record is a row: current, superseded, or the reason codes it is quarantined with, by a blank."""

    rows: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A file and what must become of it."""

    source: str
    name: str
    content: bytes
    expected: Rejected | Loaded
    ending: str = ".csv"

    @property
    def file_name(self) -> str:
        """As it lands."""
        return f"{self.source}_{slug(self.name)}{self.ending}"


def slug(name: str) -> str:
    """A case's name as part of a file's name and of its keys."""
    return re.sub(r"\W+", "-", name, flags=re.ASCII)


def row(source: str, name: str, number: int = 1, **changes: str) -> dict[str, str]:
    """A good row of a case but for what is changed."""
    usual = {column: value.format(case=slug(name), row=number) for column, value in USUAL[source].items()}
    return usual | changes


def line(values: Sequence[str]) -> str:
    """One record."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow(values)
    return out.getvalue()


def text(source: str, rows: Sequence[Mapping[str, str]], columns: Sequence[str] = ()) -> str:
    """A file of rows: the source's columns (or those named), then what the rows hold beside them."""
    header = list(dict.fromkeys([*(columns or COLUMNS[source].split()), *(each for one in rows for each in one)]))
    return line(header) + "".join(line([one.get(column, "") for column in header]) for one in rows)


def of_row(source: str, name: str, outcome: str, **changes: str) -> Case:
    """A file of one row."""
    return of_rows(source, name, (outcome, changes))


def of_rows(source: str, name: str, *rows: tuple[str, Mapping[str, str]]) -> Case:
    """A file of rows, each with its outcome and what is changed in it."""
    written = [row(source, name, number, **changes) for number, (_, changes) in enumerate(rows, 1)]
    return Case(source, name, text(source, written).encode(), Loaded(tuple(outcome for outcome, _ in rows)))


def good(source: str, name: str, number: int = 1, **changes: str) -> str:
    """The text of a file with one row that nothing is wrong with."""
    return text(source, [row(source, name, number, **changes)])
