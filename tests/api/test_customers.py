def test_segments_hold_every_customer_and_all_of_their_net_revenue(api):
    rows = api.get("/v1/customers/segments").json()["data"]
    # Ada: 8 + 80, Blaise: 83; the guest is in no segment
    assert sum(row["customers"] for row in rows) == 2
    assert sum(float(row["net_revenue"]) for row in rows) == 171
    assert sum(row["revenue_share"] for row in rows) == 1


def test_a_customer_has_lifetime_figures_and_no_name_without_the_scope(api):
    (ada,) = api.get("/v1/customers/C1").json()["data"]
    assert (ada["orders"], ada["gross_revenue"], ada["net_revenue"], ada["last_order_date"], ada["recency_days"]) == (
        2,
        "120.0000",
        "88.0000",
        "2024-01-02",
        34,  # to 2024-02-05
    )
    assert "full_name" not in ada
    assert "email" not in ada
    assert "Ada" not in api.get("/v1/customers/C1", "text/csv").text


def test_asking_for_personal_data_without_the_scope_is_403_and_says_why(api):
    answer = api.get("/v1/customers/C1?fields=customer_id,email")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden")
    assert "email is personal data" in answer.json()["detail"]


def test_an_unknown_customer_is_404(api):
    assert api.get("/v1/customers/C9").status_code == 404
