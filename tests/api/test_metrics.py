import pytest


def test_without_dates_the_thirty_days_to_the_as_of_date_are_given(client):
    answer = client.get("/v1/metrics/daily").json()
    assert [row["date"] for row in answer["data"]][::29] == ["2024-01-09", "2024-02-07"]
    assert (len(answer["data"]), answer["as_of"], answer["release"], answer["next"]) == (30, "2024-02-07", 2, None)


def test_an_end_alone_gives_the_thirty_days_to_it_and_a_start_alone_all_up_to_the_as_of_date(client):
    dates = [row["date"] for row in client.get("/v1/metrics/daily?end=2024-01-25").json()["data"]]
    assert (dates[0], dates[-1]) == ("2023-12-27", "2024-01-25")
    dates = [row["date"] for row in client.get("/v1/metrics/daily?start=2024-02-05").json()["data"]]
    assert dates == ["2024-02-05", "2024-02-06", "2024-02-07"]


def test_start_and_end_are_inclusive_and_the_row_has_every_column_with_money_to_four_places(client):
    answer = client.get("/v1/metrics/daily?start=2023-12-28&end=2023-12-28").json()
    # n = 4: gross 40, discounts 4, taxes 8, refunds 0.5, net 40 - 4 - 8 - 0.5
    assert answer["data"] == [
        {
            "date": "2023-12-28",
            "orders": 4,
            "units": 8,
            "customers": 4,
            "new_customers": 1,
            "repeat_customers": 3,
            "guest_orders": 0,
            "gross_revenue": "40.0000",
            "discounts": "4.0000",
            "taxes": "8.0000",
            "refunds": "0.5000",
            "net_revenue": "27.5000",
            "aov": "7.0000",
            "orders_returned": 1,
            "return_rate": 0.25,
            "returns_received": 1,
            "recognized_gross": "100.0000",
            "recognized_discounts": "10.0000",
            "recognized_taxes": "20.0000",
            "recognized_refunds": "5.2500",
            "recognized_net": "64.7500",
        }
    ]


def test_a_day_without_an_order_has_no_average_and_shows_its_refunds_as_negative_revenue(client):
    (row,) = client.get("/v1/metrics/daily?start=2024-01-01&end=2024-01-01").json()["data"]
    assert (row["aov"], row["return_rate"], row["net_revenue"]) == (None, None, "-12.3400")


def test_the_recognized_basis_gives_the_date_and_the_accrual_columns(client):
    (row,) = client.get("/v1/metrics/daily?basis=recognized&start=2024-02-01&end=2024-02-01").json()["data"]
    assert row == {
        "date": "2024-02-01",
        "recognized_gross": "100.0000",
        "recognized_discounts": "10.0000",
        "recognized_taxes": "20.0000",
        "recognized_refunds": "5.2500",
        "recognized_net": "64.7500",
    }


@pytest.mark.parametrize("fields", ["fields=net_revenue,date", "fields=net_revenue&fields=date,net_revenue"])
def test_fields_chooses_columns_and_their_order(client, fields):
    answer = client.get(f"/v1/metrics/daily?start=2023-12-28&end=2023-12-28&{fields}")
    assert answer.json()["data"] == [{"net_revenue": "27.5000", "date": "2023-12-28"}]
    assert list(answer.json()["data"][0]) == ["net_revenue", "date"]


@pytest.mark.parametrize(
    ("query", "at_fault"),
    [
        ("start=2024-02-30", "start"),
        ("start=1704067200", "start"),
        ("end=2024-01-01T00:00:00", "end"),
        ("start=2024-02-02&end=2024-02-01", "start"),
        ("basis=cash", "basis"),
        ("fields=profit", "fields"),
        ("fields=", "fields"),
        ("basis=recognized&fields=orders", "fields"),
        ("from=2024-01-01", "from"),
    ],
)
def test_a_wrong_parameter_is_422_and_named(client, query, at_fault):
    answer = client.get(f"/v1/metrics/daily?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, at_fault)


def test_dates_before_the_shop_began_give_no_rows(client):
    assert client.get("/v1/metrics/daily?end=0001-01-05").json()["data"] == []
