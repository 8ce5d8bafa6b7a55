from pathlib import Path
from typing import Any

import polars as pl
import pytest

from contracts.registry import sources
from contracts.settings import Settings
from pipelines.silver.judge import DELETED, REASONS, judge

BIG = "99999999999999.9999"
PAID = {"status": "paid", "created_at": "2024-01-02"}

# Every reason a row can have by itself: what differs from a good row, and the one reason it has.
ONLY: dict[str, list[tuple[dict[str, str | None], str]]] = {
    "customers": [
        ({"customer_id": None}, "customer_id:null"),
        ({"signup_at": "yesterday"}, "signup_at:type"),
        ({"updated_at": "\u3000"}, "updated_at:null"),
        ({"updated_at": "2024-02-30"}, "updated_at:type"),
    ],
    "products": [
        ({"product_id": " "}, "product_id:null"),
        ({"product_name": None}, "product_name:null"),
        ({"list_price": None}, "list_price:null"),
        ({"list_price": "1e3"}, "list_price:type"),
        ({"list_price": "-0.0001"}, "list_price:ge_0"),
        ({"unit_cost": "4,00"}, "unit_cost:type"),
        ({"unit_cost": "-1"}, "unit_cost:ge_0"),
        ({"reorder_point": "2.0"}, "reorder_point:type"),
        ({"reorder_point": "-1"}, "reorder_point:ge_0"),
        ({"updated_at": None}, "updated_at:null"),
        ({"updated_at": "2200-01-01"}, "updated_at:type"),
    ],
    "stores": [
        ({"store_id": None}, "store_id:null"),
        ({"store_name": None}, "store_name:null"),
        ({"channel": None}, "channel:null"),
        ({"channel": "Web"}, "channel:enum"),
        ({"updated_at": None}, "updated_at:null"),
        ({"updated_at": "1969-12-31"}, "updated_at:type"),
    ],
    "orders": [
        ({"order_id": None}, "order_id:null"),
        ({"status": None}, "status:null"),
        ({"status": "paid "}, "status:enum"),
        ({"created_at": None}, "created_at:null"),
        ({"created_at": "01.02.2024"}, "created_at:type"),
        ({"paid_at": "x"}, "paid_at:type"),
        ({"fulfilled_at": "x"}, "fulfilled_at:type"),
        ({"delivered_at": "x"}, "delivered_at:type"),
        ({"returned_at": "x"}, "returned_at:type"),
        ({"cancelled_at": "x"}, "cancelled_at:type"),
        ({"status": "paid"}, "paid_at:missing"),
        ({"status": "delivered"}, "delivered_at:missing"),
        ({"status": "returned"}, "returned_at:missing"),
        ({"status": "cancelled"}, "cancelled_at:missing"),
        ({"paid_at": "2023-12-31T23:59:59.999999"}, "paid_at:before_created"),
        ({"fulfilled_at": "2023-12-31"}, "fulfilled_at:before_created"),
        ({"delivered_at": "2023-12-31"}, "delivered_at:before_created"),
        ({"returned_at": "2023-12-31"}, "returned_at:before_created"),
        ({"cancelled_at": "2023-12-31"}, "cancelled_at:before_created"),
        ({"payment_method": None}, "payment_method:null"),
        ({"payment_method": "cash"}, "payment_method:enum"),
        ({"currency": None}, "currency:null"),
        ({"currency": "usd"}, "currency:mismatch"),
        ({"shipping_amount": "free"}, "shipping_amount:type"),
        ({"shipping_amount": "-0.01"}, "shipping_amount:ge_0"),
        ({"updated_at": None}, "updated_at:null"),
        ({"updated_at": "x"}, "updated_at:type"),
    ],
    "order_items": [
        ({"order_id": None}, "order_id:null"),
        ({"line_number": None}, "line_number:null"),
        ({"line_number": "1_0"}, "line_number:type"),
        ({"line_number": "0"}, "line_number:ge_1"),
        ({"product_id": None}, "product_id:null"),
        ({"quantity": None}, "quantity:null"),
        ({"quantity": "1000000000"}, "quantity:type"),
        ({"quantity": "0"}, "quantity:ge_1"),
        ({"unit_price": None}, "unit_price:null"),
        ({"unit_price": "100000000000000"}, "unit_price:type"),
        ({"unit_price": "-1"}, "unit_price:ge_0"),
        ({"discount_amount": None}, "discount_amount:null"),
        ({"discount_amount": "1 %"}, "discount_amount:type"),
        ({"discount_amount": "-1"}, "discount_amount:ge_0"),
        ({"tax_amount": None}, "tax_amount:null"),
        ({"tax_amount": "NaN"}, "tax_amount:type"),
        ({"tax_amount": "-1"}, "tax_amount:ge_0"),
        (
            {"quantity": "2", "unit_price": "5" + "0" * 13, "discount_amount": BIG, "tax_amount": BIG},
            "quantity:too_large",
        ),
        ({"discount_amount": "30", "tax_amount": "20.0001"}, "discount_amount:exceeds_gross"),
    ],
    "returns": [
        ({"return_id": None}, "return_id:null"),
        ({"order_id": None}, "order_id:null"),
        ({"line_number": None}, "line_number:null"),
        ({"line_number": "first"}, "line_number:type"),
        ({"quantity": None}, "quantity:null"),
        ({"quantity": "one"}, "quantity:type"),
        ({"quantity": "0"}, "quantity:ge_1"),
        ({"returned_at": None}, "returned_at:null"),
        ({"returned_at": "x"}, "returned_at:type"),
    ],
    "inventory_movements": [
        ({"movement_id": None}, "movement_id:null"),
        ({"product_id": None}, "product_id:null"),
        ({"movement_type": None}, "movement_type:null"),
        ({"movement_type": "sale"}, "movement_type:enum"),
        ({"quantity": None}, "quantity:null"),
        ({"quantity": "x"}, "quantity:type"),
        ({"quantity": "0"}, "quantity:ge_1"),
        ({"movement_type": "shipment", "quantity": "-1"}, "quantity:ge_1"),
        ({"movement_type": "adjustment", "quantity": "-0"}, "quantity:ne_0"),
        ({"occurred_at": None}, "occurred_at:null"),
        ({"occurred_at": "x"}, "occurred_at:type"),
    ],
}
IN_ANY_SOURCE: list[tuple[dict[str, str | None], str]] = [
    ({"ingested_at": "1969-12-31"}, "ingested_at:type"),
    ({"deleted": "yes"}, "deleted:type"),
]
GOOD: dict[str, list[dict[str, str | None]]] = {
    "customers": [{"signup_at": "2024-01-01 09:30+02", "country": "Atlantis", "email": "no mail"}],
    "products": [{"list_price": "0", "unit_cost": ".5", "reorder_point": " +7 "}, {"reorder_point": None}],
    "stores": [{"channel": "marketplace"}],
    "orders": [
        {"customer_id": None, "store_id": None, "shipping_amount": None},
        {"status": "fulfilled"},  # only paid, delivered, returned and cancelled carry their own timestamp
        {"status": "delivered", "delivered_at": "2024-01-01T10:00:00"},  # at created_at, not before
        {"status": "cancelled", "cancelled_at": "2024-01-01T11:00:00+01:00"},
    ],
    "order_items": [
        {"quantity": "5", "unit_price": "10", "discount_amount": "30", "tax_amount": "20"},
        {"quantity": "1", "unit_price": BIG},
        {"quantity": "3", "unit_price": "33333333333333.3333"},
    ],
    "returns": [{"line_number": "-3"}, {"reason": None}],
    "inventory_movements": [{"movement_type": "adjustment", "quantity": "-4"}, {"order_id": "nowhere"}],
}


def judged(landed: Any, source: str, rows: list[dict[str, str | None]], **chosen: Any) -> pl.DataFrame:
    """The rows, landed as one file and judged, in their order."""
    settings = Settings(home=Path("unused"), **chosen)
    landed.add(source, *rows)
    frame = judge(landed.bronze(sources()[source], settings), sources()[source], settings)
    return frame.sort("row_number")


def reasons_of(landed: Any, source: str, rows: list[dict[str, str | None]], **chosen: Any) -> list[list[str]]:
    return judged(landed, source, rows, **chosen)[REASONS].to_list()


@pytest.mark.parametrize("source", ONLY)
def test_a_row_with_one_fault_has_that_reason_and_no_other(landed: Any, source: str) -> None:
    cases = ONLY[source] + IN_ANY_SOURCE
    assert reasons_of(landed, source, [row for row, _ in cases]) == [[code] for _, code in cases]


@pytest.mark.parametrize("source", ONLY)
def test_no_reason_code_of_a_source_is_without_a_row_that_has_only_it(source: str) -> None:
    codes = {"ingested_at:type", "deleted:type"} | {rule.code for rule in sources()[source].rules}
    for field in sources()[source].fields:
        if field.required:
            codes.add(f"{field.name}:null")
        if field.column.type != "text":
            codes.add(f"{field.name}:type")
        if field.enum:
            codes.add(f"{field.name}:enum")
        if field.at_least is not None:
            codes.add(f"{field.name}:ge_{field.at_least}")
    assert {code for _, code in ONLY[source] + IN_ANY_SOURCE} == codes


@pytest.mark.parametrize("source", GOOD)
def test_a_row_on_the_edge_of_the_rules_is_good(landed: Any, source: str) -> None:
    assert reasons_of(landed, source, [{}, *GOOD[source]]) == [[]] * (len(GOOD[source]) + 1)


def test_a_row_with_four_reasons_shows_four(landed: Any) -> None:
    row = {"line_number": "0", "product_id": None, "quantity": "two", "tax_amount": "-1"}
    assert reasons_of(landed, "order_items", [row]) == [
        ["line_number:ge_1", "product_id:null", "quantity:type", "tax_amount:ge_0"]
    ]


def test_rules_over_several_columns_apply_only_where_those_columns_are_good(landed: Any) -> None:
    rows: list[dict[str, str | None]] = [
        {"created_at": "x", "paid_at": "2000-01-01"},
        {"status": "paid", "paid_at": "x"},
        {"status": "Paid"},
    ]
    assert reasons_of(landed, "orders", rows) == [["created_at:type"], ["paid_at:type"], ["status:enum"]]


def test_a_line_is_not_too_large_or_overdiscounted_by_amounts_that_are_bad_themselves(landed: Any) -> None:
    rows: list[dict[str, str | None]] = [
        {"quantity": "0", "discount_amount": "60"},
        {"unit_price": "-1", "discount_amount": "60"},
        {"tax_amount": "-1", "discount_amount": "60"},
        {"discount_amount": "x", "tax_amount": "60"},
    ]
    codes = [["quantity:ge_1"], ["unit_price:ge_0"], ["tax_amount:ge_0"], ["discount_amount:type"]]
    assert reasons_of(landed, "order_items", rows) == codes


def test_a_movement_of_no_known_type_is_not_judged_on_its_quantity(landed: Any) -> None:
    assert reasons_of(landed, "inventory_movements", [{"movement_type": "sale", "quantity": "0"}]) == [
        ["movement_type:enum"]
    ]


def test_the_gross_of_a_line_may_come_as_near_to_the_bound_as_four_places_allow(landed: Any) -> None:
    rows: list[dict[str, str | None]] = [
        {"quantity": "2", "unit_price": "49999999999999.9999"},
        {"quantity": "2", "unit_price": "50000000000000"},
        {"quantity": "999999999", "unit_price": BIG},
    ]
    assert reasons_of(landed, "order_items", rows) == [[], ["quantity:too_large"], ["quantity:too_large"]]


def test_a_tombstone_is_judged_on_its_key_ingested_at_and_deleted_alone(landed: Any) -> None:
    empty = dict.fromkeys(sources()["order_items"].names)
    rows = [
        empty | {"order_id": "O1", "line_number": "1", "deleted": "TRUE"},
        empty | {"order_id": "O1", "line_number": "0", "deleted": "1"},
        empty | {"order_id": "O1", "line_number": "1", "deleted": "true", "ingested_at": "x"},
        {"quantity": "0", "deleted": "0"},
    ]
    frame = judged(landed, "order_items", rows)
    assert frame[REASONS].to_list() == [[], ["line_number:ge_1"], ["ingested_at:type"], ["quantity:ge_1"]]
    assert frame[DELETED].to_list() == [True, True, True, False]


def test_an_unreadable_deleted_is_no_tombstone_so_the_whole_row_is_judged(landed: Any) -> None:
    assert reasons_of(landed, "customers", [{"updated_at": None, "deleted": "maybe"}]) == [
        ["updated_at:null", "deleted:type"]
    ]


def test_a_ragged_row_has_no_other_reason(landed: Any) -> None:
    landed.text("returns", "return_id,order_id,line_number,quantity,returned_at,deleted\n,,x,0,,true,\nR1\n")
    settings = Settings(home=Path("unused"))
    frame = judge(landed.bronze(sources()["returns"], settings), sources()["returns"], settings)
    assert frame[REASONS].to_list() == [["row:ragged"], ["row:ragged"]]
    assert frame[DELETED].to_list() == [False, False]


def test_the_currency_an_order_must_have_is_the_configured_one(landed: Any) -> None:
    rows: list[dict[str, str | None]] = [{"currency": "EUR"}, {"currency": "USD"}]
    assert reasons_of(landed, "orders", rows, currency="EUR") == [[], ["currency:mismatch"]]


def test_an_empty_ingested_at_counts_as_absent_and_an_offset_is_converted(landed: Any) -> None:
    rows: list[dict[str, str | None]] = [{"ingested_at": " "}, {"ingested_at": "2024-01-05T23:30Z"}]
    frame = judged(landed, "customers", rows, timezone="Europe/Berlin")
    assert frame["ingested_at"].dt.to_string("%Y-%m-%d %H:%M").to_list() == ["2024-01-01 00:00", "2024-01-06 00:30"]


def test_a_missing_reorder_point_is_zero_and_text_is_kept_as_it_came(landed: Any) -> None:
    frame = judged(landed, "products", [{"reorder_point": " ", "product_name": " Lamp "}])
    assert frame.select("reorder_point", "product_name").row(0) == (0, " Lamp ")
