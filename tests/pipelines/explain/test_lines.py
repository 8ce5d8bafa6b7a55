"""Lines explained: refunds to the second and to the last digit, costs by version."""

from decimal import Decimal

from pipelines.explain import order
from pipelines.explain.lines import Line
from tests.conftest import Home


def line(home: Home) -> Line:
    explained = order.explain(home.settings, "O1")
    assert explained.adds_up
    [found] = explained.lines
    return found


def test_a_return_on_the_second_the_window_ends_is_late_and_a_second_before_is_not(shop: Home) -> None:
    shop.land(
        "2024-02-02",
        returns=[{"returned_at": "2024-02-01T08:59:59"}, {"return_id": "R2", "returned_at": "2024-02-01T09:00:00"}],
    )
    shop.succeed("pipeline", "2024-02-02")
    inside, late = line(shop).returns
    window = "delivered 2024-01-02T09:00:00 + 30 days = 2024-02-01T09:00:00"
    assert inside.refund_eligible.formula == f"returned 2024-02-01T08:59:59 < {window}, so refunded"
    assert late.refund_eligible.formula == f"returned 2024-02-01T09:00:00, not before {window}, so no refund"
    # Net 16 of two lamps, tax 3.
    assert (inside.refund_amount.value, inside.refunded_tax.value) == (Decimal(8), Decimal("1.5"))
    assert (late.refund_amount.value, late.refunded_tax.value) == (Decimal(0), Decimal(0))


def test_parts_round_by_the_running_share_and_add_up_to_the_line(shop: Home) -> None:
    items = {"quantity": "3", "unit_price": "4", "discount_amount": "1", "tax_amount": "1"}
    returns = [{"return_id": f"R{number}", "returned_at": f"2024-01-0{number}"} for number in (3, 4, 5)]
    shop.land("2024-01-06", order_items=[items], returns=returns)
    shop.succeed("pipeline", "2024-01-06")
    assert [each.refund_amount.formula for each in line(shop).returns] == [
        "10.0000 x 1 / 3 = 3.3333, less 0.0000 before = 3.3333",
        "10.0000 x 2 / 3 = 6.6667, less 3.3333 before = 3.3334",
        "10.0000 x 3 / 3 = 10.0000, less 6.6667 before = 3.3333",
    ]
    told = {each.name: each.formula for each in line(shop).amounts}
    assert told["returned_quantity"] == "1 + 1 + 1 = 3 of 3"
    assert told["refund_amount"] == "3.3333 + 3.3334 + 3.3333 = 10.0000"


def test_an_order_returned_by_status_alone_comes_back_whole_by_its_own_row(shop: Home) -> None:
    shop.land("2024-01-06", orders=[{"status": "returned", "returned_at": "2024-01-05T12:00:00"}])
    shop.succeed("pipeline", "2024-01-06")
    [whole] = line(shop).returns
    assert (whole.return_id, whole.quantity, whole.refund_amount.value) == ("O1#1", 2, Decimal(16))
    assert {(each.file, each.row, each.column) for each in whole.refund_eligible.cites} == {
        ("2024-01-06/orders.csv", 1, "returned_at"),
        ("2024-01-06/orders.csv", 1, "delivered_at"),
    }


def test_a_return_without_a_delivery_is_not_refunded(shop: Home) -> None:
    shop.land("2024-01-06", orders=[{"status": "fulfilled", "delivered_at": ""}], returns=[{}])
    shop.succeed("pipeline", "2024-01-06")
    [refused] = line(shop).returns
    assert refused.refund_eligible.value is False
    assert refused.refund_amount.formula == "not refunded, so 0.0000"


def test_the_cost_is_of_the_version_in_force_when_it_was_ordered(shop: Home) -> None:
    later = {"unit_cost": "9.00", "updated_at": "2024-01-01T10:00:01"}
    at_once = {"unit_cost": "5.00", "updated_at": "2024-01-01T10:00:00"}
    shop.land("2024-01-06", products=[later, at_once])
    shop.succeed("pipeline", "2024-01-06")
    told = {each.name: each for each in line(shop).amounts}
    assert told["cost_amount"].formula == "(2 - 0) x 5.0000 = 10.0000, by the version of 2024-01-01T10:00:00"
    assert [(each.file, each.row, each.value) for each in told["cost_amount"].cites] == [
        ("2024-01-06/products.csv", 2, "5.00"),
        ("2024-01-06/products.csv", 2, "2024-01-01T10:00:00"),
    ]
    assert told["profit_amount"].formula == "16.0000 - 0.0000 - 10.0000 = 6.0000"


def test_an_unknown_cost_leaves_the_profit_unknown(shop: Home) -> None:
    shop.land("2024-01-06", products=[{"unit_cost": ""}])
    shop.succeed("pipeline", "2024-01-06")
    told = {each.name: each.value for each in line(shop).amounts}
    assert (told["cost_amount"], told["profit_amount"]) == (None, None)
