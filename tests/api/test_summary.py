import pytest

SUMMARY = "/v1/metrics/summary"


def test_one_row_sums_the_range_and_counts_a_customer_once(api):
    (row,) = api.get(f"{SUMMARY}?start=2024-01-01&end=2024-01-31").json()["data"]
    # O1 20, O2 110, O3 3, O6 100; C1 ordered twice, C2 once, and a guest
    assert {name: row[name] for name in ("orders", "units", "customers", "new_customers", "guest_orders")} == {
        "orders": 4,
        "units": 8,
        "customers": 2,
        "new_customers": 2,
        "guest_orders": 1,
    }
    # 233 gross - 11 discounts - 40.5 taxes - 8 refunds
    assert [row[name] for name in ("gross_revenue", "discounts", "taxes", "refunds", "net_revenue")] == [
        "233.0000",
        "11.0000",
        "40.5000",
        "8.0000",
        "173.5000",
    ]
    assert row["aov"] == "45.3750"  # 181.5 / 4
    assert (row["orders_returned"], row["return_rate"], row["returns_received"]) == (1, 0.25, 1)
    assert row["recognized_net"] == "93.5000"  # O1 16, O3 2.5, O2 83, less 8


@pytest.mark.parametrize(
    ("grain", "starts"),
    [
        ("day", ["2024-01-01", "2024-01-02", "2024-01-03"]),
        ("week", ["2024-01-01", "2024-01-08", "2024-01-15"]),
        ("month", ["2024-01-01", "2024-02-01"]),
        ("quarter", ["2024-01-01"]),
        ("year", ["2024-01-01"]),
    ],
)
def test_periods_begin_where_the_calendar_says(api, grain, starts):
    rows = api.get(f"{SUMMARY}?start=2024-01-01&end=2024-02-05&grain={grain}").json()["data"]
    assert [row["period_start"] for row in rows][: len(starts)] == starts
    assert rows[-1]["period_end"] == "2024-02-05"


def test_days_are_those_of_the_daily_list(api):
    days = api.get(f"{SUMMARY}?start=2024-01-01&end=2024-02-05&grain=day").json()["data"]
    daily = api.get("/v1/metrics/daily?start=2024-01-01&end=2024-02-05").json()["data"]
    shared = [name for name in days[0] if name in daily[0]]
    assert len(shared) == 20
    assert [[row[name] for name in shared] for row in days] == [[row[name] for name in shared] for row in daily]


def test_a_month_cut_short_is_compared_with_as_many_days_of_the_month_before(api):
    rows = api.get(f"{SUMMARY}?start=2024-01-01&end=2024-02-05&grain=month&compare=previous").json()["data"]
    january, february = rows
    assert (january["before_start"], january["before_end"]) == ("2023-12-01", "2023-12-31")
    assert (january["orders_before"], january["net_revenue_change"]) == (None, None)  # the shop was not there
    assert (february["before_start"], february["before_end"]) == ("2024-01-01", "2024-01-05")
    # all four orders are of these days; the refund is of the 15th
    assert (february["orders_before"], february["net_revenue_before"]) == (4, "181.5000")
    assert (february["orders"], february["orders_change"], february["net_revenue_change"]) == (0, -1.0, -1.0)


def test_a_range_is_compared_with_as_many_days_before_it(api):
    (row,) = api.get(f"{SUMMARY}?start=2024-01-03&end=2024-01-04&compare=previous").json()["data"]
    assert (row["before_start"], row["before_end"], row["gross_revenue_before"]) == (
        "2024-01-01",
        "2024-01-02",
        "230.0000",
    )
    (row,) = api.get(f"{SUMMARY}?start=2024-01-03&end=2024-01-04&compare=year_ago").json()["data"]
    assert (row["before_start"], row["before_end"], row["orders_before"]) == ("2023-01-03", "2023-01-04", None)


def test_a_week_is_compared_with_the_same_days_of_the_week_a_year_ago(api):
    rows = api.get(f"{SUMMARY}?start=2024-01-08&end=2024-01-14&grain=week&compare=year_ago").json()["data"]
    assert [(row["before_start"], row["before_end"]) for row in rows] == [("2023-01-09", "2023-01-15")]


def test_a_range_before_the_shop_began_has_no_period_and_a_wide_one_ends_with_it(api):
    assert api.get(f"{SUMMARY}?start=2020-01-01&end=2020-12-31&grain=day").json()["data"] == []
    (row,) = api.get(f"{SUMMARY}?start=0001-01-01&end=9999-12-31").json()["data"]
    assert (row["period_start"], row["period_end"]) == ("2024-01-01", "2024-02-05")


def test_without_a_comparison_its_columns_are_not_there(api):
    (row,) = api.get(SUMMARY).json()["data"]
    assert "orders_before" not in row
    answer = api.get(f"{SUMMARY}?fields=orders_before")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "fields")
