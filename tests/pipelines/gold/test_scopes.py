"""Rows far from what landed, which it changes all the same. A rebuild is asked for the same figures."""

THIRD, FOURTH = "2024-01-03", "2024-01-04"


def both_ways(shop, query):
    """The rows of a query as the nightly run left them, which must be those of a rebuild."""
    found = shop.rows(query)
    shop.succeed("rebuild")
    assert shop.rows(query) == found
    return found


def test_the_cost_of_a_products_first_version_is_the_cost_of_every_line_before_it(shop):
    # P2 is first heard of on the third; its line is of the first.
    new = {"product_id": "P2", "unit_cost": "5.00", "updated_at": THIRD}
    shop.land(THIRD, products=[new], order_items=[{"line_number": "2", "product_id": "P2"}])
    shop.succeed("pipeline", THIRD)
    costs = "select cost_amount from gold.fct_order_items where line_number = 2"
    assert shop.rows(costs) == [{"cost_amount": "10.0000"}]
    shop.land(FOURTH, products=[new | {"unit_cost": "6.00"}])
    shop.succeed("pipeline", FOURTH)
    assert both_ways(shop, costs) == [{"cost_amount": "12.0000"}]


def firsts(shop):
    return [row["order_id"] for row in both_ways(shop, FIRSTS)]


FIRSTS = "select order_id from gold.fct_orders where is_first_order and customer_id = 'C1' order by order_id"


def placed(order_id, created_at):
    return {"order_id": order_id, "created_at": created_at, "paid_at": "", "delivered_at": FOURTH}


def with_later_orders(shop):
    """C1's first order is O1 of 1 January; O2 to O5 come after it, most of them another's."""
    orders = [placed(f"O{n}", f"{THIRD}T0{n}:00:00") for n in range(2, 6)]
    shop.land(
        THIRD,
        customers=[{"customer_id": "C2"}],
        orders=[*orders[:2], *(order | {"customer_id": "C2"} for order in orders[2:])],
        order_items=[{"order_id": f"O{n}"} for n in range(2, 6)],
    )
    shop.succeed("pipeline", THIRD)


def test_where_a_first_order_is_cancelled_the_next_one_is_first_though_nothing_of_it_landed(shop):
    with_later_orders(shop)
    assert [row["order_id"] for row in shop.rows(FIRSTS)] == ["O1"]
    shop.land(FOURTH, orders=[{"status": "cancelled", "cancelled_at": FOURTH, "updated_at": FOURTH}])
    shop.succeed("pipeline", FOURTH)
    assert firsts(shop) == ["O2"]


def test_where_a_first_order_turns_out_to_be_younger_the_oldest_is_first(shop):
    with_later_orders(shop)
    shop.land(FOURTH, orders=[placed("O1", f"{THIRD}T02:30:00") | {"updated_at": FOURTH}])
    shop.succeed("pipeline", FOURTH)
    assert firsts(shop) == ["O2"]


def test_where_a_first_order_turns_out_to_be_anothers_each_customer_has_a_first_of_their_own(shop):
    with_later_orders(shop)
    shop.land(FOURTH, orders=[{"customer_id": "C2", "updated_at": FOURTH}])
    shop.succeed("pipeline", FOURTH)
    assert firsts(shop) == ["O2"]
    assert shop.rows(FIRSTS.replace("C1", "C2")) == [{"order_id": "O1"}]


def test_an_older_order_that_lands_late_is_first_and_the_one_before_is_no_more(shop):
    with_later_orders(shop)
    shop.land(FOURTH, orders=[placed("O0", "2023-12-31T10:00:00")], order_items=[{"order_id": "O0"}])
    shop.succeed("pipeline", FOURTH)
    assert firsts(shop) == ["O0"]


def test_of_two_orders_of_a_day_the_earlier_is_first_though_it_lands_later(shop):
    with_later_orders(shop)
    earlier = placed("O6", f"{THIRD}T01:00:00") | {"customer_id": "C2"}
    shop.land(FOURTH, orders=[earlier], order_items=[{"order_id": "O6"}])
    shop.succeed("pipeline", FOURTH)
    assert [row["order_id"] for row in both_ways(shop, FIRSTS.replace("C1", "C2"))] == ["O6"]


def test_an_order_of_which_only_a_return_landed_stays_the_first_one(shop):
    with_later_orders(shop)
    shop.land(FOURTH, returns=[{"order_id": "O4", "returned_at": f"{FOURTH}T12:00:00"}])
    shop.succeed("pipeline", FOURTH)
    assert [row["order_id"] for row in both_ways(shop, FIRSTS.replace("C1", "C2"))] == ["O4"]


def test_a_day_that_gains_an_order_keeps_the_refunds_of_orders_of_other_days(shop):
    # Of 2 January, returned on the sixth; an order of the sixth comes two days late.
    returned = {"order_id": "O2", "returned_at": "2024-01-06T12:00:00"}
    order = placed("O2", "2024-01-02T10:00:00") | {"delivered_at": THIRD}
    shop.land(THIRD, orders=[order], order_items=[{"order_id": "O2"}])
    shop.land("2024-01-06", returns=[returned])
    late = placed("O3", "2024-01-06T10:00:00") | {"delivered_at": "2024-01-07"}
    shop.land("2024-01-08", orders=[late], order_items=[{"order_id": "O3"}])
    refunds = "select orders, refunds, returns_received from gold.fct_revenue_daily where date = date '2024-01-06'"
    for day in (THIRD, "2024-01-06", "2024-01-08"):
        shop.succeed("pipeline", day)
    assert both_ways(shop, refunds) == [{"orders": "1", "refunds": "8.0000", "returns_received": "1"}]
