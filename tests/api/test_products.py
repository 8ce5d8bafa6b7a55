from urllib.parse import quote

import pytest

from tests.api.shop import ODD


def test_a_product_shows_its_price_now_and_what_it_earned(api):
    (lamp,) = api.get("/v1/products?product_id=P1").json()["data"]
    # O1: 20 - 1 - 3 - 8 refunded = 8; O2: 10 - 2 = 8; one lamp kept of each at a cost of 4
    assert (lamp["list_price"], lamp["orders"], lamp["units"], lamp["net_revenue"], lamp["profit"], lamp["margin"]) == (
        "12.0000",
        2,
        3,
        "16.0000",
        "8.0000",
        0.5,
    )
    assert lamp["return_rate"] == pytest.approx(1 / 3)


def test_a_product_has_every_list_price_it_had_without_a_gap(api):
    (lamp,) = api.get("/v1/products/P1").json()["data"]
    assert [(price["list_price"], price["valid_from"], price["valid_to"]) for price in lamp["prices"]] == [
        ("10.0000", "1900-01-01T00:00:00Z", "2024-01-18T00:00:00Z"),
        ("12.0000", "2024-01-18T00:00:00Z", "9999-12-31T00:00:00Z"),
    ]
    assert [price["is_current"] for price in lamp["prices"]] == [False, True]


def test_an_id_may_hold_a_slash_a_comma_a_blank_and_letters_of_any_script(api):
    (bulb,) = api.get(f"/v1/products/{quote(ODD, safe='')}").json()["data"]
    assert (bulb["product_id"], bulb["profit"], bulb["category"]) == (ODD, None, None)
    both = api.get(f"/v1/products/P2,{quote(ODD, safe='')}?fields=product_id").json()["data"]
    assert [row["product_id"] for row in both] == ["P2", ODD]
    assert api.get("/v1/products/SKU/1,%20a").status_code == 404


def test_products_are_chosen_by_category_and_class(api):
    def ids(query):
        return [row["product_id"] for row in api.get(f"/v1/products?fields=product_id&{query}").json()["data"]]

    assert ids("category=Light&category=Furniture") == ["P1", "P2"]
    # net revenue: desk 155 of 173.5, then the lamp 16, then the bulb 2.5: shares before them 0, 0.893, 0.986
    assert (ids("abc_class=A"), ids("abc_class=B"), ids("abc_class=C")) == (["P2"], ["P1"], [ODD])


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("sort=net_revenue&order=desc", ["P2", "P1", ODD]),
        ("sort=list_price", [ODD, "P1", "P2"]),
        ("sort=profit&order=desc", ["P2", "P1", ODD]),  # the bulb's is unknown: last either way
        ("sort=profit&order=asc", ["P1", "P2", ODD]),
    ],
)
def test_products_come_in_the_order_asked_for_also_page_by_page(api, query, ids):
    found, following = [], None
    while True:
        page = api.get(f"/v1/products?next={following}" if following else f"/v1/products?limit=1&{query}").json()
        found += [row["product_id"] for row in page["data"]]
        following = page["next"]
        if following is None:
            break
        following += "&limit=1"
    assert found == ids


def test_an_unknown_product_is_404_wherever_an_id_is_taken(api):
    for path in ("/v1/products/P9", "/v1/products/P9/bought-with", "/v1/inventory/P9"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found"), path


def test_pairs_below_the_least_number_of_orders_are_not_shown(api):
    assert api.get("/v1/products/P1/bought-with").json()["data"] == []  # one order holds both; the setting is 5


@pytest.mark.parametrize(
    ("query", "at_fault"), [("sort=colour", "sort"), ("order=up", "order"), ("abc_class=D", "abc_class")]
)
def test_a_wrong_choice_is_422_and_named(api, query, at_fault):
    answer = api.get(f"/v1/products?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, at_fault)
