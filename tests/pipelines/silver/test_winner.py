from collections.abc import Callable
from typing import Any

import pytest

Counts = Callable[..., tuple[int, ...]]
Reasons = Callable[..., list[list[str]]]
Values = Callable[..., list[tuple[Any, ...]]]


def names(landed: Any, values: Values) -> list[tuple[Any, ...]]:
    return values(landed.silver(), "customers", "customer_id", "full_name")


def test_the_later_ingested_at_wins_over_a_later_folder(landed: Any, values: Values) -> None:
    landed.add("customers", {"full_name": "new", "ingested_at": "2024-01-09"}, day="2024-01-02")
    landed.add("customers", {"full_name": "old"}, day="2024-01-08")
    assert names(landed, values) == [("C1", "new")]


def test_with_equal_ingested_at_the_later_folder_wins(landed: Any, values: Values) -> None:
    landed.add("customers", {"full_name": "old"}, day="2024-01-08")
    landed.add("customers", {"full_name": "new", "ingested_at": "2024-01-08"}, day="2024-01-09")
    assert names(landed, values) == [("C1", "new")]


def test_in_one_folder_the_later_file_name_wins_by_code_point(landed: Any, values: Values) -> None:
    landed.add("customers", {"full_name": "accented"}, name="_é")
    landed.add("customers", {"full_name": "small z"}, name="_z")
    landed.add("customers", {"full_name": "capital"}, name="_Z")
    assert names(landed, values) == [("C1", "accented")]


def test_in_one_file_the_later_row_wins_by_number_not_by_text(landed: Any, values: Values) -> None:
    landed.add("customers", *({"full_name": str(number)} for number in range(1, 12)))
    assert names(landed, values) == [("C1", "11")]


def test_an_identical_row_sent_later_is_the_winner(landed: Any, values: Values, counts: Counts) -> None:
    landed.add("customers", {}).add("customers", {}, day="2024-01-02")
    silver = landed.silver()
    assert [str(day) for (day,) in values(silver, "customers", "landing_date")] == ["2024-01-02"]
    assert counts(silver, "customers") == (2, 1, 1, 0)


def test_a_bad_row_never_wins(landed: Any, values: Values, counts: Counts) -> None:
    landed.add("customers", {"full_name": "good"}, {"full_name": "bad", "updated_at": "x"})
    silver = landed.silver()
    assert values(silver, "customers", "full_name") == [("good",)]
    assert counts(silver, "customers") == (2, 1, 0, 1)


def test_a_winning_tombstone_takes_its_key_out_and_is_superseded(landed: Any, values: Values, counts: Counts) -> None:
    landed.add("customers", {}, {"customer_id": "C2"})
    landed.add("customers", {"deleted": "true", "updated_at": None}, day="2024-01-02")
    silver = landed.silver()
    assert values(silver, "customers", "customer_id") == [("C2",)]
    assert counts(silver, "customers") == (3, 1, 2, 0)


def test_a_tombstone_that_a_newer_row_beats_changes_nothing(landed: Any, values: Values, counts: Counts) -> None:
    landed.add("customers", {"deleted": "1", "ingested_at": "2024-01-01"}, day="2024-01-05")
    landed.add("customers", {"full_name": "alive"}, day="2024-01-02")
    silver = landed.silver()
    assert values(silver, "customers", "full_name") == [("alive",)]
    assert counts(silver, "customers") == (2, 1, 1, 0)


def test_a_key_sent_again_after_its_tombstone_lives_again(landed: Any, values: Values, counts: Counts) -> None:
    landed.add("customers", {"full_name": "one"}, {"deleted": "true"}, {"full_name": "two"})
    silver = landed.silver()
    assert values(silver, "customers", "full_name") == [("two",)]
    assert counts(silver, "customers") == (3, 1, 2, 0)


def test_what_refers_to_a_deleted_key_becomes_an_orphan(one_order: Any, reasons: Reasons, counts: Counts) -> None:
    one_order.add("returns", {}).add("orders", {"deleted": "true"}, day="2024-01-09")
    silver = one_order.silver()
    assert reasons(silver, "order_items") == [["order_id:orphan"]]
    assert reasons(silver, "returns") == [["order_id:orphan"]]
    assert counts(silver, "orders") == (2, 0, 2, 0)


def test_a_tombstone_refers_to_nothing(landed: Any, counts: Counts) -> None:
    landed.add("order_items", {"deleted": "true"})
    assert counts(landed.silver(), "order_items") == (1, 0, 1, 0)


def test_every_missing_parent_is_a_reason(landed: Any, reasons: Reasons) -> None:
    silver = landed.add("order_items", {}).add("orders", {}).add("inventory_movements", {}).silver()
    assert reasons(silver, "order_items") == [["order_id:orphan", "product_id:orphan"]]
    assert reasons(silver, "orders") == [["customer_id:orphan"]]
    assert reasons(silver, "inventory_movements") == [["product_id:orphan"]]


def test_a_row_bad_by_itself_is_not_judged_on_its_references(landed: Any, reasons: Reasons) -> None:
    assert reasons(landed.add("order_items", {"quantity": "0"}).silver(), "order_items") == [["quantity:ge_1"]]


def test_a_guests_order_needs_no_customer(landed: Any, counts: Counts) -> None:
    assert counts(landed.add("orders", {"customer_id": None}).silver(), "orders") == (1, 1, 0, 0)


@pytest.mark.parametrize(
    ("store", "found"),
    [
        ({"store_id": "S2"}, [["store_id:orphan"]]),
        ({"store_id": "S1"}, []),
        ({"store_id": "S1", "channel": "?"}, [["store_id:orphan"]]),  # a bad row has landed all the same
    ],
)
def test_stores_are_judged_once_a_row_of_a_stores_file_has_landed(
    landed: Any, reasons: Reasons, store: dict[str, str], found: list[list[str]]
) -> None:
    landed.good("customers").add("orders", {"store_id": "S1"})
    assert reasons(landed.silver(), "orders") == []
    landed.add("stores")  # a file with a header only
    assert reasons(landed.silver(), "orders") == []
    landed.add("stores", store, day="2024-01-02")
    assert reasons(landed.silver(), "orders") == found


def test_an_old_row_is_judged_on_its_references_like_a_new_one(one_order: Any, reasons: Reasons) -> None:
    one_order.add("order_items", {"product_id": "P9"}, day="2023-12-01").add("order_items", {}, day="2024-01-02")
    assert reasons(one_order.silver(), "order_items") == [["product_id:orphan"]]
