"""A day explained: components with their orders, totals of the rest, restatements."""

from datetime import date
from decimal import Decimal

from pipelines.explain import day, text
from tests.conftest import Home
from tests.pipelines.explain.conftest import in_memory

FIRST = date(2024, 1, 1)


def test_the_largest_orders_are_named_and_the_rest_is_a_total(shop: Home) -> None:
    # Nets of 16 (O1), 26, 6 and 6: of one size the id decides.
    prices = {"O2": "15.00", "O3": "5.00", "O4": "5.00"}
    shop.land(
        "2024-01-03",
        orders=[{"order_id": order_id} for order_id in prices],
        order_items=[{"order_id": order_id, "unit_price": price} for order_id, price in prices.items()],
    )
    shop.succeed("pipeline", "2024-01-03")
    explained = day.explain(shop.settings, FIRST, limit=3)
    [booked] = [each for each in explained.components if each.name == "booked"]
    assert [(each.order_id, each.amount) for each in booked.shown] == [
        ("O2", Decimal(26)),
        ("O1", Decimal(16)),
        ("O3", Decimal(6)),
    ]
    assert (booked.total, booked.orders, booked.rest_orders, booked.rest_total) == (Decimal(54), 4, 1, Decimal(6))
    assert explained.adds_up


def test_a_limit_of_none_leaves_the_totals(shop: Home) -> None:
    booked = day.explain(shop.settings, FIRST, limit=0).components[0]
    assert (booked.shown, booked.rest_orders, booked.rest_total) == ((), 1, Decimal(16))


def test_a_refund_is_on_both_clocks_of_its_return_date(shop: Home) -> None:
    shop.land("2024-01-05", returns=[{}])
    shop.succeed("pipeline", "2024-01-05")
    explained = day.explain(shop.settings, date(2024, 1, 5))
    assert {each.name: each.total for each in explained.components} == {
        "booked": Decimal(0),
        "refunds": Decimal(8),
        "booked_not_delivered": Decimal(0),
        "delivered_from_before": Decimal(0),
        "recognized": Decimal(0),
    }
    assert explained.bridge.formula == "-8.0000 - 0.0000 + 0.0000 = -8.0000"
    assert explained.adds_up


def test_each_measure_says_what_it_counts(shop: Home) -> None:
    told = {each.name: each for each in day.explain(shop.settings, FIRST).measures}
    assert told["orders"].meaning == "Revenue-bearing orders."
    assert told["net_revenue"].formula == "20.0000 - 1.0000 - 0.0000 - 3.0000 = 16.0000"
    assert told["aov"].formula == "(20.0000 - 1.0000 - 3.0000) / 1 = 16.0000"
    empty = {each.name: each for each in day.explain(shop.settings, date(2024, 1, 2)).measures}
    assert (empty["aov"].value, empty["aov"].formula) == (None, None)


def test_restatements_are_told_with_their_causes(shop: Home) -> None:
    release, con = in_memory(shop.settings)
    con.execute("drop table if exists gold.fct_restatements")
    assert list(text.day(day.explain_in(release, con, FIRST)))[-1] == "This release keeps no log of restatements."
    con.execute(
        "create table gold.fct_restatements (release_id bigint, date date, measure varchar, old_value varchar,"
        " new_value varchar, difference decimal(38, 10), causes varchar[])"
    )
    assert list(text.day(day.explain_in(release, con, FIRST)))[-1] == "Nothing was restated."
    con.execute(
        "insert into gold.fct_restatements values"
        " (2, '2024-01-01', 'net_revenue', '16.0000', '42.0000', 26, ['late_order', 'return']),"
        " (3, '2024-01-01', 'aov', null, '21.0000', null, ['deleted']),"
        " (2, '2024-01-02', 'orders', '1', '2', 1, ['late_order'])"
    )
    assert list(text.day(day.explain_in(release, con, FIRST)))[-3:] == [
        "Restated",
        "  release 2: net_revenue 16.0000 -> 42.0000, because of late_order, return",
        "  release 3: aov null -> 21.0000, because of deleted",
    ]
