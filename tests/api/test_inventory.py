import pytest


def _ids(client, query):
    return [row["alert_id"] for row in client.get(f"/v1/inventory/alerts?{query}").json()["data"]]


def test_an_alert_shows_the_figures_of_its_last_day(client):
    assert client.get("/v1/inventory/alerts?product_id=SKU-2").json()["data"] == [
        {
            "alert_id": "a2",
            "product_id": "SKU-2",
            "opened_on": "2024-02-05",
            "resolved_on": None,
            "days_open": 3,
            "severity": "stockout",
            "on_hand": 3,
            "allocated": 5,
            "available": -2,
            "reorder_point": 10,
            "shortfall": 12,
        }
    ]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["a1", "a2"]),
        ("status=open", ["a1", "a2"]),
        ("status=resolved", ["a3", "a0"]),
        ("status=all", ["a3", "a1", "a2", "a0"]),
        ("status=all&severity=stockout", ["a2", "a0"]),
        ("status=all&product_id=SKU-1", ["a1", "a0"]),
        ("status=all&product_id=a/%22quoted%22,%20SKU%20%C3%A9", ["a3"]),
        ("product_id=sku-1", []),
        ("product_id=SKU-1'%20or%20true--", []),
    ],
)
def test_alerts_are_chosen_by_status_severity_and_product_newest_first(client, query, ids):
    assert _ids(client, query) == ids


@pytest.mark.parametrize("query", ["status=closed", "severity=high", "product_id=", "product_id=%00"])
def test_a_wrong_choice_is_422(client, query):
    answer = client.get(f"/v1/inventory/alerts?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, query.split("=")[0])


def test_paging_by_one_gives_each_alert_once_also_those_of_one_day(client):
    answer, seen = client.get("/v1/inventory/alerts?status=all&limit=1").json(), []
    while answer["data"]:
        seen += [row["alert_id"] for row in answer["data"]]
        if answer["next"] is None:
            break
        answer = client.get(f"/v1/inventory/alerts?next={answer['next']}").json()
    assert seen == ["a3", "a1", "a2", "a0"]
