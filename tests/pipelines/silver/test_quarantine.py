import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import polars as pl

Counts = Callable[..., tuple[int, ...]]
Reasons = Callable[..., list[list[str]]]
Values = Callable[..., list[tuple[Any, ...]]]


def corrected(silver: Any) -> list[tuple[int, str | None]]:
    quarantine = silver.tables["quarantine"].sort("landing_date", "row_number")
    return quarantine.select("row_number", "corrected_by").rows()


def test_an_orphan_is_released_when_its_parent_lands(landed: Any, counts: Counts, values: Values) -> None:
    first = landed.good("customers", "orders", "order_items").silver()
    assert counts(first, "order_items") == (1, 0, 0, 1)
    second = landed.add("products", {}, day="2024-02-01").silver(before=first, run_id="second")
    assert counts(second, "order_items") == (1, 1, 0, 0)
    assert values(second, "quarantine", "source", "status", "run_id") == [("order_items", "released", "run")]


def test_a_released_row_whose_parent_goes_again_is_open_again(landed: Any, reasons: Reasons) -> None:
    first = landed.good("inventory_movements").silver()
    second = landed.add("products", {}).silver(before=first)
    third = landed.add("products", {"deleted": "1"}, day="2024-02-01").silver(before=second, run_id="third")
    assert reasons(third, "inventory_movements") == [["product_id:orphan"]]
    assert third.tables["quarantine"].height == 1


def test_an_open_row_keeps_the_run_and_the_time_that_found_it(landed: Any, values: Values) -> None:
    first = landed.good("orders").silver()
    before = first.tables["quarantine"].with_columns(quarantined_at=pl.lit(datetime(2024, 2, 2)))
    again = landed.silver(before=type(first)({"quarantine": before}, first.conservation), run_id="second")
    assert values(again, "quarantine", "run_id", "quarantined_at") == [("run", datetime(2024, 2, 2))]


def test_a_fixed_row_is_current_and_the_old_one_stays_open_and_names_it(landed: Any, counts: Counts) -> None:
    landed.add("customers", {"updated_at": "x"}).add("customers", {}, day="2024-01-02")
    silver = landed.silver()
    assert counts(silver, "customers") == (2, 1, 0, 1)
    assert corrected(silver) == [(1, "2024-01-02/customers.csv#1")]


def test_an_earlier_good_row_of_the_key_corrects_nothing(landed: Any) -> None:
    assert corrected(landed.add("customers", {}, {"updated_at": "x"}).silver()) == [(2, None)]


def test_a_row_whose_ingested_at_is_bad_is_corrected_by_a_later_landing(landed: Any) -> None:
    landed.add("customers", {"ingested_at": "x"}).add("customers", {}, day="2024-01-02")
    assert corrected(landed.silver()) == [(1, "2024-01-02/customers.csv#1")]


def test_a_row_that_a_tombstone_beats_is_not_corrected(landed: Any) -> None:
    landed.add("customers", {"updated_at": "x"}).add("customers", {"deleted": "1"}, day="2024-01-02")
    assert corrected(landed.silver()) == [(1, None)]


def test_the_raw_row_is_kept_as_it_arrived(landed: Any) -> None:
    landed.add("customers", {"full_name": ' "A, B"\n', "email": None, "updated_at": "x", "loyal": "yes"})
    [raw] = landed.silver().tables["quarantine"]["raw"]
    assert json.loads(raw) == {
        "customer_id": "C1",
        "full_name": ' "A, B"\n',
        "email": "",
        "country": "",
        "region": "",
        "city": "",
        "signup_at": "",
        "updated_at": "x",
        "loyal": "yes",
    }


def test_of_a_ragged_row_every_field_is_kept(landed: Any) -> None:
    landed.text("customers", "customer_id,updated_at\nC1,2024-01-01,more,\nC2\n")
    quarantine = landed.silver().tables["quarantine"].sort("row_number")
    assert [json.loads(raw) for raw in quarantine["raw"]] == [["C1", "2024-01-01", "more", ""], ["C2"]]
