"""`tillhouse explain` at the terminal: text and JSON, older releases, and what it says of orders that are not there."""

import json

from tests.conftest import Home


def test_an_order_is_told_with_rule_formula_file_and_row(shop: Home) -> None:
    said = shop.succeed("explain", "order", "O1").out
    assert "Order O1 in release 1, as of 2024-01-02" in said
    assert "Revenue-bearing: the status is delivered, so it is revenue  [2024-01-02/orders.csv row 1]" in said
    assert "20.0000  Gross amount: 2 x 10.0000 = 20.0000  [2024-01-02/order_items.csv row 1]" in said
    assert "16.0000  Net revenue: 20.0000 - 1.0000 - 0.0000 - 3.0000 = 16.0000" in said
    assert "4.9900  Shipping is not revenue: as it landed: 4.9900" in said
    assert "It adds up:" in said
    assert "difference 0.0000" in said


def test_an_order_in_json_has_money_as_text_and_cites_each_landed_value(shop: Home) -> None:
    said = json.loads(shop.succeed("explain", "order", "O1", "--format", "json").out)
    assert (said["order_id"], said["release_id"], said["as_of"], said["adds_up"]) == ("O1", 1, "2024-01-02", True)
    [line] = said["lines"]
    [gross] = [each for each in line["amounts"] if each["name"] == "gross_amount"]
    assert gross == {
        "name": "gross_amount",
        "value": "20.0000",
        "rule": "Gross amount",
        "sentence": "A line's gross is its quantity times the tax-inclusive shelf price of one unit.",
        "formula": "2 x 10.0000 = 20.0000",
        "cites": [
            {"file": "2024-01-02/order_items.csv", "row": 1, "column": "quantity", "value": "2"},
            {"file": "2024-01-02/order_items.csv", "row": 1, "column": "unit_price", "value": "10.00"},
        ],
    }


def test_an_older_release_tells_the_order_as_it_was(shop: Home) -> None:
    shop.land("2024-01-05", returns=[{}])
    shop.succeed("pipeline", "2024-01-05")
    assert "16.0000  Net revenue" in shop.succeed("explain", "order", "O1", "--at", "1").out
    assert (
        "8.0000  Net revenue: 20.0000 - 1.0000 - 8.0000 - 3.0000 = 8.0000" in shop.succeed("explain", "order", "O1").out
    )
    ran = shop.run("explain", "order", "O1", "--at", "9")
    assert (ran.exit_code, "There is no release 9" in ran.err) == (2, True)


def test_an_order_nobody_sent_is_not_found(shop: Home) -> None:
    ran = shop.run("explain", "order", "O9")
    assert (ran.exit_code, "There is no order 'O9' in release 1" in ran.err) == (2, True)


def test_an_order_in_quarantine_alone_is_named_with_its_file_and_row(shop: Home) -> None:
    shop.land("2024-01-03", orders=[{}, {"order_id": "O2", "status": "lost"}])
    shop.succeed("pipeline", "2024-01-03")
    ran = shop.run("explain", "order", "O2")
    assert ran.exit_code == 2
    assert "'O2' is in quarantine alone: 2024-01-03/orders.csv row 2 (status:enum)" in ran.err
    assert "tillhouse quarantine show 2024-01-03/orders.csv#2" in ran.err


def test_a_deleted_order_is_named_with_the_row_that_deleted_it(shop: Home) -> None:
    shop.land("2024-01-03", orders=[{"deleted": " TRUE "}])
    shop.succeed("pipeline", "2024-01-03")
    ran = shop.run("explain", "order", "O1")
    assert (ran.exit_code, "'O1' was deleted by 2024-01-03/orders.csv row 1" in ran.err) == (2, True)
    assert "16.0000  Net revenue" in shop.succeed("explain", "order", "O1", "--at", "1").out


def test_lines_whose_order_never_came_are_named(shop: Home) -> None:
    shop.land("2024-01-03", order_items=[{"order_id": "O3"}])
    shop.succeed("pipeline", "2024-01-03")
    ran = shop.run("explain", "order", "O3")
    assert ran.exit_code == 2
    assert "No row of orders names 'O3' in release 2" in ran.err
    assert "2024-01-03/order_items.csv row 1" in ran.err


def test_an_id_may_hold_any_character_and_a_terminal_is_told_no_command(shop: Home) -> None:
    odd = "-O/2'; \x1b[31m [bold]é"
    shop.land("2024-01-03", orders=[{"order_id": odd}], order_items=[{"order_id": odd}])
    shop.succeed("pipeline", "2024-01-03")
    said = shop.succeed("explain", "order", "--", odd).out
    assert "Order -O/2'; \\x1b[31m [bold]é in release 2" in said
    assert json.loads(shop.succeed("explain", "order", "--format", "json", "--", odd).out)["order_id"] == odd


def test_a_day_is_bridged_from_booked_to_recognised(shop: Home) -> None:
    said = shop.succeed("explain", "day", "2024-01-01").out
    assert "From booked to recognised: 16.0000 - 16.0000 + 0.0000 = 0.0000" in said
    assert "16.0000  O1, ordered 2024-01-01, delivered 2024-01-02" in said
    assert "It adds up: 5 figures of agg_revenue_bridge" in said
    next_day = json.loads(shop.succeed("explain", "day", "2024-01-02", "--format", "json").out)
    totals = {each["name"]: (each["total"], each["orders"]) for each in next_day["components"]}
    assert totals == {
        "booked": ("0.0000", 0),
        "refunds": ("0.0000", 0),
        "booked_not_delivered": ("0.0000", 0),
        "delivered_from_before": ("16.0000", 1),
        "recognized": ("16.0000", 1),
    }


def test_a_day_without_figures_is_not_found_and_names_those_there_are(shop: Home) -> None:
    ran = shop.run("explain", "day", "2024-02-01")
    assert (ran.exit_code, "has figures from 2024-01-01 to 2024-01-02" in ran.err) == (2, True)


def test_a_home_without_a_release_has_nothing_to_explain(home: Home) -> None:
    assert home.run("explain", "order", "O1").exit_code == 2
    assert home.run("explain", "day", "2024-01-01").exit_code == 2
