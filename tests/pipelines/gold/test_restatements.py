"""What a release changes of days already published, each cause by itself.

The shop's first day has one order, O1: two lamps of 10.00 on 2024-01-01, 1.00 off, 3.00 tax, delivered the
day after. Both days are published by the release as of 2024-01-02.
"""

import pytest

FIRST, SECOND = "2024-01-01", "2024-01-02"


def restated(shop, day, release=None):
    """Measure to (old value, new value, difference, causes) of a date; by the newest release unless one is named."""
    newest = "(select max(release_id) from gold.fct_restatements)" if release is None else str(release)
    rows = shop.rows(
        "select measure, old_value, new_value, difference, array_to_string(causes, ' ') as causes"
        f" from gold.fct_restatements where date = date '{day}' and release_id = {newest}"
    )
    return {row.pop("measure"): tuple(row.values()) for row in rows}


def causes(shop, day):
    """Every cause named on a date."""
    return {row[-1] for row in restated(shop, day).values()}


def land_and_run(shop, day, **files):
    shop.land(day, **files)
    shop.succeed("pipeline", day)


def test_a_first_release_restates_nothing_and_a_new_day_no_day_before(shop):
    assert shop.rows("select * from gold.fct_restatements") == []
    land_and_run(shop, "2024-01-03", orders=[{"order_id": "O2", "created_at": "2024-01-03", "status": "created"}])
    assert shop.rows("select * from gold.fct_restatements") == []


def test_an_order_that_lands_late_restates_its_day_and_the_day_of_its_delivery(shop):
    late = {"order_id": "O2", "customer_id": "", "created_at": "2024-01-01T10:01"}
    land_and_run(shop, "2024-01-03", orders=[late], order_items=[{"order_id": "O2"}])
    first = restated(shop, FIRST)
    assert first["orders"] == ("1", "2", "1.0000000000", "late_order")
    assert first["gross_revenue"] == ("20.0000", "40.0000", "20.0000000000", "late_order")
    assert first["net_revenue"] == ("16.0000", "32.0000", "16.0000000000", "late_order")
    assert "recognized_net" not in first
    assert restated(shop, SECOND).keys() == {
        "recognized_gross",
        "recognized_discounts",
        "recognized_taxes",
        "recognized_net",
    }
    assert causes(shop, SECOND) == {"late_order"}


def test_an_order_that_is_cancelled_restates_the_day_it_was_placed(shop):
    cancelled = {"status": "cancelled", "cancelled_at": "2024-01-03", "updated_at": "2024-01-03"}
    land_and_run(shop, "2024-01-03", orders=[cancelled])
    assert restated(shop, FIRST)["net_revenue"] == ("16.0000", "0.0000", "-16.0000000000", "status_change")
    # A value that was there and is no more has no difference.
    assert restated(shop, FIRST)["aov"] == ("16.0000", "", "", "status_change")


def test_a_return_restates_the_day_it_is_dated_and_the_share_of_its_orders_day(shop):
    land_and_run(shop, "2024-01-03", returns=[{"returned_at": "2024-01-02T18:00"}])
    assert restated(shop, SECOND)["refunds"] == ("0.0000", "8.0000", "8.0000000000", "return")
    assert restated(shop, FIRST).keys() == {"orders_returned", "return_rate"}
    assert causes(shop, FIRST) == {"return"}


def test_a_return_by_status_alone_is_a_return_and_a_change_of_status(shop):
    land_and_run(shop, "2024-01-03", orders=[{"status": "returned", "returned_at": "2024-01-02T20:00"}])
    assert restated(shop, SECOND)["refunds"] == ("0.0000", "16.0000", "16.0000000000", "return status_change")


def test_a_return_dated_ahead_counts_for_its_order_once_its_day_is_there(shop):
    land_and_run(shop, "2024-01-03", returns=[{"returned_at": "2024-01-05"}])
    assert shop.rows("select * from gold.fct_restatements") == []
    land_and_run(shop, "2024-01-05", stores=[{}])
    assert causes(shop, FIRST) == {"return"}


def test_a_line_sent_again_with_another_price_is_a_resent_row(shop):
    land_and_run(shop, "2024-01-03", order_items=[{"unit_price": "12.00"}])
    assert restated(shop, FIRST)["gross_revenue"] == ("20.0000", "24.0000", "4.0000000000", "resent_row")


def test_a_line_let_out_of_quarantine_says_so(shop):
    land_and_run(shop, "2024-01-03", order_items=[{"line_number": "2", "product_id": "P9"}])
    assert shop.rows("select * from gold.fct_restatements") == []
    land_and_run(shop, "2024-01-04", products=[{"product_id": "P9"}])
    assert restated(shop, FIRST)["units"] == ("2", "4", "2.0000000000", "quarantine_released")


def test_a_row_mended_after_quarantine_is_a_resent_row(shop):
    land_and_run(shop, "2024-01-03", order_items=[{"line_number": "2", "quantity": "0"}])
    fixed = {"line_number": "2", "quantity": "3", "_file": "2024-01-03/order_items.csv", "_row": "1"}
    land_and_run(shop, "2024-01-04", order_items_fixed=[fixed])
    assert restated(shop, FIRST)["units"] == ("2", "5", "3.0000000000", "resent_row")


@pytest.mark.parametrize(
    "tombstone", [{"order_items": [{"deleted": "true"}]}, {"products": [{"deleted": "true"}]}], ids=str
)
def test_a_tombstone_of_a_line_or_of_its_product_is_a_deletion(shop, tombstone):
    land_and_run(shop, "2024-01-03", **tombstone)
    assert restated(shop, FIRST)["gross_revenue"] == ("20.0000", "0.0000", "-20.0000000000", "deleted")


def test_the_only_order_deleted_leaves_no_day(shop):
    land_and_run(shop, "2024-01-03", orders=[{"deleted": "true"}])
    assert restated(shop, FIRST)["orders"] == ("1", "", "", "deleted")
    assert causes(shop, SECOND) == {"deleted"}


@pytest.mark.parametrize("lines", [[{"unit_price": "12.00"}], [{"order_id": "ELSE"}]], ids=["changed", "gone"])
def test_a_file_replaced_by_other_content_is_the_cause(shop, lines):
    land_and_run(shop, "2024-01-02", order_items=lines)
    assert causes(shop, FIRST) == {"file_replaced"}


def test_what_goes_with_a_parent_whose_file_was_replaced_has_that_cause(shop):
    land_and_run(shop, "2024-01-02", products=[{"product_id": "P2"}])
    assert restated(shop, FIRST)["units"] == ("2", "0", "-2.0000000000", "file_replaced")


def test_a_changed_setting_is_the_cause_of_what_it_restates(shop, monkeypatch):
    land_and_run(shop, "2024-01-03", returns=[{"returned_at": "2024-01-02T18:00"}])
    monkeypatch.setenv("TILLHOUSE_REFUND_WINDOW_DAYS", "0")
    shop.succeed("pipeline", "2024-01-03")
    assert restated(shop, SECOND)["refunds"] == ("8.0000", "0.0000", "-8.0000000000", "setting_changed")


def test_an_earlier_first_order_moves_the_customer_to_another_day(shop):
    earlier = {"order_id": "O0", "created_at": "2023-12-31T10:00", "delivered_at": "2024-01-03T09:00"}
    land_and_run(shop, "2024-01-03", orders=[earlier], order_items=[{"order_id": "O0"}])
    assert restated(shop, FIRST) == {
        "new_customers": ("1", "0", "-1.0000000000", "first_order_moved"),
        "repeat_customers": ("0", "1", "1.0000000000", "first_order_moved"),
    }


def test_two_things_on_one_day_are_two_causes_in_order(shop):
    late = {"order_id": "O2", "customer_id": "", "created_at": "2024-01-01T10:01"}
    land_and_run(
        shop,
        "2024-01-03",
        orders=[late],
        order_items=[{"order_id": "O2"}, {"unit_price": "12.00"}],
        returns=[{"returned_at": "2024-01-02T18:00"}],
    )
    assert restated(shop, FIRST)["gross_revenue"][-1] == "late_order resent_row return"


def test_a_rebuild_keeps_the_log_and_adds_nothing_to_it(shop):
    land_and_run(shop, "2024-01-03", order_items=[{"unit_price": "12.00"}])
    before = shop.rows("select * from gold.fct_restatements order by all")
    shop.succeed("rebuild")
    assert shop.rows("select * from gold.fct_restatements order by all") == before != []
    land_and_run(shop, "2024-01-04", order_items=[{"unit_price": "13.00"}])
    assert len(shop.rows("select distinct release_id from gold.fct_restatements")) == 2
