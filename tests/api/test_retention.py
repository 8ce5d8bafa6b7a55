def test_a_cohort_has_a_row_for_each_month_since_also_without_an_order(api):
    rows = api.get("/v1/retention").json()["data"]
    # Ada 88 and Blaise 83 in January, nobody in February
    assert [
        (row["cohort_month"], row["months_since"], row["cohort_size"], row["active_customers"]) for row in rows
    ] == [
        ("2024-01-01", 0, 2, 2),
        ("2024-01-01", 1, 2, 0),
    ]
    assert [(row["net_revenue"], row["cumulative_ltv"]) for row in rows] == [
        ("171.0000", "85.5000"),
        ("0.0000", "85.5000"),
    ]


def test_start_and_end_choose_cohorts(api):
    assert api.get("/v1/retention?start=2024-02-01").json()["data"] == []
    assert len(api.get("/v1/retention?end=2024-01-01").json()["data"]) == 2
