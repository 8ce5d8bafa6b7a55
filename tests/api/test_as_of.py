"""What was published stays to be seen: by `as_of`, and by a cursor that began before a newer release."""

import pytest


def net(api, query=""):
    rows = api.get(f"/v1/metrics/daily?start=2024-01-01&end=2024-01-20&fields=date,net_revenue{query}").json()
    return {row["date"]: row["net_revenue"] for row in rows["data"] if row["net_revenue"] != "0.0000"}


def test_figures_are_given_as_they_were_published_then(api):
    first = {"2024-01-01": "16.0000", "2024-01-02": "83.0000", "2024-01-05": "2.5000"}
    assert net(api, "&as_of=2024-01-10") == first
    assert net(api, "&as_of=2024-01-19") == first  # the next release came on the 20th
    assert net(api, "&as_of=2024-01-20") == {**first, "2024-01-15": "-8.0000"}
    now = {**first, "2024-01-02": "163.0000", "2024-01-15": "-8.0000"}
    assert net(api) == net(api, "&as_of=2024-02-05") == net(api, "&as_of=2030-01-01") == now


def test_an_answer_as_of_then_says_of_which_release_it_is(api):
    answer = api.get("/v1/metrics/daily?as_of=2024-01-12")
    assert (answer.headers["x-release"], answer.headers["x-as-of"]) == ("1", "2024-01-10")
    assert (answer.json()["release"], answer.json()["as_of"]) == (1, "2024-01-10")
    assert answer.json()["data"][-1]["date"] == "2024-01-10"  # the default range ends then too
    again = api.get("/v1/metrics/daily?as_of=2024-01-12", If_None_Match=answer.headers["etag"])
    assert again.status_code == 304


def test_every_list_of_published_rows_goes_back_in_time(api):
    (order,) = api.get("/v1/orders/O2?as_of=2024-01-10").json()["data"]
    assert (order["status"], order["delivered_at"]) == ("paid", None)
    (lamp,) = api.get("/v1/products/P1?as_of=2024-01-10").json()["data"]
    assert [price["list_price"] for price in lamp["prices"]] == ["10.0000"]
    assert api.get("/v1/orders/O6?as_of=2024-01-20").status_code == 404
    (ada,) = api.get("/v1/customers/C1?as_of=2024-01-10").json()["data"]
    assert (ada["orders"], ada["net_revenue"]) == (1, "16.0000")
    (total,) = api.get("/v1/metrics/summary?as_of=2024-01-20&start=2024-01-01").json()["data"]
    assert (total["net_revenue"], total["customers"]) == ("93.5000", 2)
    sales = api.get("/v1/sales?as_of=2024-01-20&start=2024-01-01&group_by=month,payment_method").json()["data"]
    assert [(row["payment_method"], row["net_revenue"]) for row in sales] == [
        ("card", "10.5000"),
        ("paypal", "83.0000"),
    ]
    assert api.get("/v1/revenue/restatements?as_of=2024-01-10").json()["data"] == []


def test_before_the_first_release_there_was_nothing(api):
    answer = api.get("/v1/metrics/daily?as_of=2024-01-09")
    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "Nothing was published as of 2024-01-09. See /v1/releases for what was.",
    )


@pytest.mark.parametrize("path", ["/v1/runs", "/v1/releases"])
def test_records_beside_the_releases_know_no_as_of(api, path):
    assert api.get(f"{path}?as_of=2024-01-10").json()["errors"][0]["parameter"] == "as_of"


def test_a_cursor_keeps_to_its_release(api):
    page = api.get(
        "/v1/metrics/daily?as_of=2024-01-20&start=2024-01-01&end=2024-01-05&limit=1&fields=net_revenue"
    ).json()
    found = page["data"]
    while page["next"]:
        answer = api.get(f"/v1/metrics/daily?next={page['next']}")
        page = answer.json()
        found += page["data"]
        assert answer.headers["x-release"] == "2"
    assert [row["net_revenue"] for row in found] == ["16.0000", "83.0000", "0.0000", "0.0000", "2.5000"]
