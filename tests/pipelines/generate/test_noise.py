"""Judges every landed row in plain Python, by the data model and without the contracts."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.generate.generate import Summary, generate
from pipelines.generate.noise import damages

TYPES = {
    "customers": {"customer_id": "text!", "signup_at": "ts", "updated_at": "ts!"},
    "products": {"product_id": "text!", "product_name": "text!", "list_price": "money!", "unit_cost": "money",
                 "reorder_point": "int", "updated_at": "ts!"},
    "stores": {"store_id": "text!", "store_name": "text!", "channel": "text!", "updated_at": "ts!"},
    "orders": {"order_id": "text!", "status": "text!", "created_at": "ts!", "paid_at": "ts", "fulfilled_at": "ts",
               "delivered_at": "ts", "returned_at": "ts", "cancelled_at": "ts", "payment_method": "text!",
               "currency": "text!", "shipping_amount": "money", "updated_at": "ts!"},
    "order_items": {"order_id": "text!", "line_number": "int!", "product_id": "text!", "quantity": "int!",
                    "unit_price": "money!", "discount_amount": "money!", "tax_amount": "money!"},
    "returns": {"return_id": "text!", "order_id": "text!", "line_number": "int!", "quantity": "int!",
                "returned_at": "ts!"},
    "inventory_movements": {"movement_id": "text!", "product_id": "text!", "movement_type": "text!",
                            "quantity": "int!", "occurred_at": "ts!"},
}  # fmt: skip
ENUMS = {
    "status": {"created", "paid", "fulfilled", "delivered", "returned", "cancelled"},
    "payment_method": {"card", "paypal", "bank_transfer", "wallet", "cash_on_delivery", "gift_card", "voucher",
                       "other"},
    "channel": {"web", "retail", "marketplace"},
    "movement_type": {"receipt", "shipment", "return", "adjustment", "allocation", "release"},
}  # fmt: skip
AT_LEAST = {
    ("products", "list_price"): 0, ("products", "unit_cost"): 0, ("products", "reorder_point"): 0,
    ("orders", "shipping_amount"): 0, ("order_items", "line_number"): 1, ("order_items", "quantity"): 1,
    ("order_items", "unit_price"): 0, ("order_items", "discount_amount"): 0, ("order_items", "tax_amount"): 0,
    ("returns", "quantity"): 1,
}  # fmt: skip
GRAMMAR = {
    "int": r"[+-]?\d{1,9}",
    "money": r"[+-]?(\d+(\.\d*)?|\.\d+)",
    "ts": r"\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])T\d\d:\d\d:\d\d",
    "bool": r"true|false|0|1",
}
READ = {"int": int, "money": Decimal, "ts": datetime.fromisoformat, "text": str, "bool": str}
Row = dict[str, str]


def reasons_of(source: str, row: Row) -> set[str]:
    """The reasons a row has by its own values."""
    reasons, good = set(), {}
    for column, written in {**TYPES[source], "ingested_at": "ts", "deleted": "bool"}.items():
        text, kind = row.get(column, ""), written.rstrip("!")
        if not text:
            if written.endswith("!"):
                reasons.add(f"{column}:null")
        elif kind in GRAMMAR and not re.fullmatch(GRAMMAR[kind], text):
            reasons.add(f"{column}:type")
        elif column in ENUMS and text not in ENUMS[column]:
            reasons.add(f"{column}:enum")
        else:
            value = READ[kind](text)
            least = AT_LEAST.get((source, column))
            if least is not None and value < least:
                reasons.add(f"{column}:ge_{least}")
            else:
                good[column] = value
    return reasons | SEVERAL.get(source, lambda row, good: set())(row, good)


def order_rules(row: Row, good: dict) -> set[str]:
    reasons = set()
    for state in ("paid", "delivered", "returned", "cancelled"):
        if good.get("status") == state and not row[f"{state}_at"]:
            reasons.add(f"{state}_at:missing")
    for stamp in ("paid_at", "fulfilled_at", "delivered_at", "returned_at", "cancelled_at"):
        if stamp in good and "created_at" in good and good[stamp] < good["created_at"]:
            reasons.add(f"{stamp}:before_created")
    if good.get("currency", "USD") != "USD":
        reasons.add("currency:mismatch")
    return reasons


def line_rules(row: Row, good: dict) -> set[str]:
    if not {"quantity", "unit_price"} <= set(good):
        return set()
    gross = good["quantity"] * good["unit_price"]
    if gross >= 10**14:
        return {"quantity:too_large"}
    if {"discount_amount", "tax_amount"} <= set(good) and good["discount_amount"] + good["tax_amount"] > gross:
        return {"discount_amount:exceeds_gross"}
    return set()


def movement_rules(row: Row, good: dict) -> set[str]:
    if not {"quantity", "movement_type"} <= set(good):
        return set()
    if good["movement_type"] == "adjustment":
        return {"quantity:ne_0"} if good["quantity"] == 0 else set()
    return {"quantity:ge_1"} if good["quantity"] < 1 else set()


SEVERAL = {"orders": order_rules, "order_items": line_rules, "inventory_movements": movement_rules}


def records(landing: Path, source: str) -> Iterator[tuple[Row, set[str]]]:
    """Each landed row with its own reasons."""
    for path in sorted(landing.glob(f"*/{source}.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = list(csv.reader(file))
        for fields in rows:
            row = dict(zip(header, fields, strict=False))
            yield row, {"row:ragged"} if len(fields) != len(header) else reasons_of(source, row)


def judge(landing: Path) -> dict[str, Counter[str]]:
    """Reasons of every source once everything has landed, references included."""
    counts = {source: Counter[str]() for source in TYPES}
    good = defaultdict(list)
    for source in TYPES:
        for row, reasons in records(landing, source):
            assert len(reasons) <= 1, (source, row, reasons)  # a spoiled row breaks one rule
            counts[source].update(reasons)
            if not reasons:
                good[source].append(row)
    known = {
        source: {row[key] for row in good[source]}
        for source, key in (("customers", "customer_id"), ("products", "product_id"), ("stores", "store_id"))
    }

    def orphans(source: str, *references: tuple[str, set[str]]) -> list[Row]:
        kept = []
        for row in good[source]:
            missing = [
                f"{column}:orphan" for column, parents in references if row[column] and row[column] not in parents
            ]
            counts[source].update(missing)
            kept += [] if missing else [row]
        return kept

    orders = orphans("orders", ("customer_id", known["customers"]), ("store_id", known["stores"]))
    order_ids = {row["order_id"] for row in orders}
    lines = orphans("order_items", ("order_id", order_ids), ("product_id", known["products"]))
    sold = {(row["order_id"], row["line_number"]): int(row["quantity"]) for row in lines}
    orphans("inventory_movements", ("product_id", known["products"]))
    back: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in orphans("returns", ("order_id", order_ids)):
        line = (row["order_id"], row["line_number"])
        if line not in sold:
            counts["returns"]["line_number:orphan"] += 1
            continue
        after = back[line] | {row["return_id"]: int(row["quantity"])}
        if sum(after.values()) > sold[line]:
            counts["returns"]["quantity:exceeds_sold"] += 1
        else:
            back[line] = after
    return counts


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    landing = tmp_path_factory.mktemp("noisy")
    return landing, generate(landing, start=date(2024, 3, 1), days=36, orders_per_day=60, seed=6, noise=0.15)


def test_a_shop_without_noise_has_no_bad_row_at_all_in_the_end(autumn):
    assert judge(autumn.landing) == {source: Counter() for source in TYPES}


def test_every_spoiled_row_breaks_the_one_rule_the_summary_counts_it_under(noisy):
    landing, summary = noisy
    assert {source: dict(sorted(counts.items())) for source, counts in judge(landing).items()} == summary.spoiled


def test_with_noise_every_reason_of_every_source_occurs(noisy):
    _, summary = noisy
    expected = {source: set(found) for source, found in damages("USD").items()}
    assert {source: set(reasons) for source, reasons in summary.spoiled.items()} == expected
    assert sum(len(reasons) for reasons in expected.values()) >= 100


def test_noise_is_the_share_of_bad_rows(noisy):
    _, summary = noisy
    assert 0.135 < summary.total_spoiled / summary.total_rows < 0.165
    spread = summary.spoiled["orders"].values()
    assert max(spread) - min(spread) <= 1 + len(spread) // 10


def test_half_of_the_spoiled_lines_are_sent_rightly_the_next_day(noisy):
    landing, _ = noisy
    keyed = {"unit_price:null", "tax_amount:null", "discount_amount:null", "quantity:null"}
    spoiled, good = set(), set()
    for row, reasons in records(landing, "order_items"):
        key = (row["order_id"], row["line_number"])
        if reasons & keyed:
            spoiled.add(key)
        elif not reasons:
            good.add(key)
    assert 0.3 < len(spoiled & good) / len(spoiled) < 0.7
