"""What landed of an order: which row is current, what replaced the others, what was kept out."""

from pipelines.explain import order
from tests.conftest import Home


def states(home: Home) -> dict[str, tuple[str, str | None]]:
    told = order.explain(home.settings, "O1").history
    return {f"{row.file} row {row.row}": (row.state, row.replaced_by) for row in told}


def test_a_row_sent_again_replaces_the_one_before(shop: Home) -> None:
    shop.land("2024-01-03", orders=[{}], order_items=[{"quantity": "3"}])
    shop.succeed("pipeline", "2024-01-03")
    assert states(shop) == {
        "2024-01-02/orders.csv row 1": ("superseded", "2024-01-03/orders.csv row 1"),
        "2024-01-03/orders.csv row 1": ("current", None),
        "2024-01-02/order_items.csv row 1": ("superseded", "2024-01-03/order_items.csv row 1"),
        "2024-01-03/order_items.csv row 1": ("current", None),
    }


def test_a_row_kept_out_is_told_with_its_reasons_and_what_corrects_it(shop: Home) -> None:
    shop.land("2024-01-03", order_items=[{"quantity": "0"}, {"line_number": " +2 ", "quantity": "x"}])
    shop.land("2024-01-04", order_items=[{"quantity": "4"}])
    shop.succeed("pipeline", "--all")
    kept_out = [row for row in order.explain(shop.settings, "O1").history if row.state == "in quarantine"]
    assert [(row.file, row.row, row.reasons, row.replaced_by) for row in kept_out] == [
        ("2024-01-03/order_items.csv", 1, ("quantity:ge_1",), "2024-01-04/order_items.csv row 1"),
        ("2024-01-03/order_items.csv", 2, ("quantity:type",), None),
    ]


def test_a_deleted_return_is_told_though_its_tombstone_names_no_order(shop: Home) -> None:
    shop.land("2024-01-05", returns=[{}])
    tombstone = dict.fromkeys(("order_id", "line_number", "quantity", "returned_at", "reason"), "")
    shop.land("2024-01-06", returns=[tombstone | {"deleted": "1"}])
    shop.succeed("pipeline", "--all")
    told = states(shop)
    assert told["2024-01-05/returns.csv row 1"] == ("superseded", "2024-01-06/returns.csv row 1")
    assert told["2024-01-06/returns.csv row 1"] == ("tombstone", None)
    assert order.explain(shop.settings, "O1").lines[0].returns == ()


def test_no_text_but_ids_and_amounts_is_told(shop: Home) -> None:
    shop.land("2024-01-05", returns=[{"reason": "Ada of 5 High Street is unhappy", "note": "call Ada"}])
    shop.succeed("pipeline", "2024-01-05")
    assert "Ada" not in shop.succeed("explain", "order", "O1", "--format", "json").out
    assert "Ada" not in shop.succeed("explain", "order", "O1").out
