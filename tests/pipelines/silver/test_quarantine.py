import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import polars as pl
import pytest

from tests.conftest import Home

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


def test_a_good_row_that_names_a_bad_one_corrects_it_whatever_its_key(landed: Any) -> None:
    landed.add("customers", {"customer_id": ""}, {"customer_id": "C1x", "updated_at": "x"})
    landed.add(
        "customers",
        {"customer_id": "C8", "_file": "2024-01-01/customers.csv", "_row": "1", "_reasons": "customer_id:null"},
        {"customer_id": "C9", "_file": " 2024-01-01/customers.csv ", "_row": " 2 "},
        day="2024-01-02",
        name="_fixed",
    )
    silver = landed.silver()
    assert corrected(silver) == [(1, "2024-01-02/customers_fixed.csv#1"), (2, "2024-01-02/customers_fixed.csv#2")]
    assert set(silver.tables["quarantine"]["status"]) == {"open"}


def test_of_a_named_and_a_later_row_of_the_key_the_one_that_names_it_counts(landed: Any) -> None:
    landed.add("customers", {"updated_at": "x"})
    landed.add("customers", {"customer_id": "C2", "_file": "2024-01-01/customers.csv", "_row": "1"}, day="2024-01-02")
    landed.add("customers", {}, day="2024-01-03")
    assert corrected(landed.silver()) == [(1, "2024-01-02/customers.csv#1")]


def test_of_several_rows_that_name_it_the_latest_counts_also_where_it_is_superseded(landed: Any) -> None:
    landed.add("customers", {"customer_id": ""})
    named = {"customer_id": "C2", "_file": "2024-01-01/customers.csv", "_row": "1"}
    landed.add("customers", named, named, day="2024-01-02").add("customers", {"customer_id": "C2"}, day="2024-01-03")
    assert corrected(landed.silver()) == [(1, "2024-01-02/customers.csv#2")]


@pytest.mark.parametrize(
    "fix",
    [
        {"_file": "2024-01-01/customers.csv", "_row": "1", "updated_at": "y"},  # bad itself
        {"_file": "2024-01-01/customers.csv", "_row": "1", "deleted": "true"},
        {"_file": "2024-01-01/customers.csv", "_row": "9"},
        {"_file": "2024-01-01/customers.csv", "_row": "one"},
        {"_file": "2024-13-01/customers.csv", "_row": "1"},
        {"_file": "customers.csv", "_row": "1"},
        {"_file": "", "_row": "1"},
        {"_row": "1"},
    ],
)
def test_what_is_bad_deleted_or_names_no_row_corrects_nothing(landed: Any, fix: dict[str, str]) -> None:
    landed.add("customers", {"customer_id": "", "updated_at": "x"})
    landed.add("customers", {"customer_id": "C2"} | fix, day="2024-01-02")
    assert corrected(landed.silver())[0] == (1, None)


def test_a_row_names_rows_of_its_own_source_only(landed: Any) -> None:
    landed.add("customers", {"customer_id": ""})
    landed.add("products", {"_file": "2024-01-01/customers.csv", "_row": "1"}, day="2024-01-02")
    assert corrected(landed.silver()) == [(1, None)]


def told(home: Home) -> list[tuple[str, ...]]:
    rows = home.rows(
        "select source_file, row_number, corrected_by from silver.quarantine where status = 'open'"
        " order by landing_date, source_file, row_number"
    )
    return [tuple(row.values()) for row in rows]


def test_load_by_load_a_correction_comes_and_goes_with_the_row_that_makes_it(shop: Home) -> None:
    bad = [{"customer_id": "", "updated_at": "x"}, {"customer_id": "C2", "updated_at": "x"}]
    fix = {"customer_id": "C3", "_file": "2024-01-04/customers.csv"}

    def load(day: str, **files: list[dict[str, str]]) -> list[tuple[str, ...]]:
        shop.land(day, **files)
        shop.succeed("pipeline", day)
        return told(shop)

    # The fix may land before the row it names does.
    first, second = "2024-01-03/customers_fixed.csv#1", "2024-01-03/customers_fixed.csv#2"
    load("2024-01-03", customers_fixed=[fix | {"_row": "1"}, fix | {"_row": "2"}])
    assert load("2024-01-04", customers=bad) == [("customers.csv", "1", first), ("customers.csv", "2", second)]
    # A later row of the key does not push the named one away, and steps in where that is gone.
    assert load("2024-01-05", customers=[{"customer_id": "C2"}])[1] == ("customers.csv", "2", second)
    assert load("2024-01-03", customers_fixed=[{"customer_id": "C3"}]) == [
        ("customers.csv", "1", ""),
        ("customers.csv", "2", "2024-01-05/customers.csv#1"),
    ]
    # An order that turns bad by what another file says of its customer corrects no more.
    order = {"order_id": "O5", "customer_id": "C3", "_file": "2024-01-06/orders.csv", "_row": "1"}
    assert load("2024-01-06", orders=[{"order_id": ""}], orders_fixed=[order])[2] == (
        "orders.csv",
        "1",
        "2024-01-06/orders_fixed.csv#1",
    )
    ended = load("2024-01-07", customers=[{"customer_id": "C3", "deleted": "true"}])
    assert ended[2:] == [("orders.csv", "1", ""), ("orders_fixed.csv", "1", "")]
    shop.succeed("rebuild")
    assert told(shop) == ended
