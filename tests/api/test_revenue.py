def test_the_bridge_leads_from_booked_to_recognised_with_nothing_left_over(api):
    rows = {row["date"]: row for row in api.get("/v1/revenue/bridge?start=2024-01-01&end=2024-01-19").json()["data"]}
    first, second, last = rows["2024-01-01"], rows["2024-01-02"], rows["2024-01-19"]
    assert (first["booked_net"], first["recognized_net"], first["deferred"]) == ("16.0000", "0.0000", "16.0000")
    # O2 and O6 are booked, O1 is delivered
    assert (second["booked_net"], second["recognized_net"]) == ("163.0000", "16.0000")
    assert (second["booked_not_delivered"], second["delivered_from_before"]) == ("163.0000", "16.0000")
    # O6 alone is still to come
    assert (last["recognized_net"], last["deferred"]) == ("83.0000", "80.0000")
    assert {row["residual"] for row in rows.values()} == {"0.0000"}


def test_what_a_release_changed_of_a_published_day_is_told_with_its_cause(api):
    rows = api.get("/v1/revenue/restatements?measure=net_revenue").json()["data"]
    # Release 3 brought O6 of January the 2nd; the days of releases before were not published further than as of then.
    late = rows[0]
    assert (late["release_id"], late["date"], late["old_value"], late["new_value"]) == (
        3,
        "2024-01-02",
        "83.0000",
        "163.0000",
    )
    assert (late["difference"], late["causes"]) == ("80.0000000000", ["late_order"])


def test_restatements_are_chosen_by_date_and_measure(api):
    rows = api.get("/v1/revenue/restatements?start=2024-01-02&end=2024-01-02").json()["data"]
    assert {row["date"] for row in rows} == {"2024-01-02"}
    assert {"orders", "gross_revenue", "net_revenue"} <= {row["measure"] for row in rows}
    assert api.get("/v1/revenue/restatements?start=2024-03-01").json()["data"] == []
