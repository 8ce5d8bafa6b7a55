import pytest


def test_a_window_has_one_row_per_cohort_date_oldest_first(client):
    answer = client.get("/v1/ltv/30").json()
    assert [row["cohort_date"] for row in answer["data"]] == [
        "2023-12-30",
        "2024-01-01",
        "2024-01-02",
        "2024-02-01",
        "2024-02-02",
    ]
    assert answer["data"][1] == {
        "cohort_date": "2024-01-01",
        "window_days": 30,
        "cohort_size": 2,
        "is_mature": True,
        "retained_customers": 1,
        "retention_rate": 0.5,
        "orders": 3,
        "net_revenue": "6.0003",
        "ltv": "3.0002",
    }


def test_a_month_is_made_from_the_sums_of_its_cohorts_and_rounds_half_away_from_zero(client):
    december, january, february = client.get("/v1/ltv/30?grain=month").json()["data"]
    # 10.0004 / 8 = 1.25005, which half-to-even would make 1.2500; 2 of 8 customers came back
    assert january == {
        "cohort_month": "2024-01-01",
        "window_days": 30,
        "cohort_size": 8,
        "is_mature": True,
        "retained_customers": 2,
        "retention_rate": 0.25,
        "orders": 10,
        "net_revenue": "10.0004",
        "ltv": "1.2501",
    }
    assert (december["cohort_month"], december["ltv"]) == ("2023-12-01", "-1.2501")
    # 15 / 4
    assert (february["ltv"], february["is_mature"]) == ("3.7500", False)


def test_only_mature_leaves_out_open_cohorts_and_months_that_hold_one(client):
    assert [row["cohort_date"] for row in client.get("/v1/ltv/30?only_mature=true").json()["data"]][-1] == "2024-02-01"
    months = client.get("/v1/ltv/30?grain=month&only_mature=true").json()["data"]
    assert [row["cohort_month"] for row in months] == ["2023-12-01", "2024-01-01"]


def test_a_window_without_cohorts_is_an_empty_list(client):
    assert client.get("/v1/ltv/90").json()["data"] == []


@pytest.mark.parametrize("days", ["14", "0", "x", "-7"])
def test_another_window_is_422(client, days):
    answer = client.get(f"/v1/ltv/{days}")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "days")


def test_a_cursor_of_one_window_does_not_continue_another(client):
    following = client.get("/v1/ltv/30?limit=1").json()["next"]
    assert client.get(f"/v1/ltv/30?next={following}").json()["data"][0]["cohort_date"] == "2024-01-01"
    assert client.get(f"/v1/ltv/7?next={following}").status_code == 422
