"""Lists read while releases are published: each is of one release, whole, and of no other."""

import pytest

from tests.api.conftest import eventually, served


def order(order_id, day):
    """Paid on its day; two lamps."""
    created = f"2024-01-0{day}T11:00:00"
    return {"order_id": order_id, "status": "paid", "created_at": created, "paid_at": created, "delivered_at": ""}


@pytest.fixture
def two_days(shop):
    """The shop of one order after a second release: four orders on four days."""
    shop.land(
        "2024-01-05",
        orders=[order(f"O{n}", n) for n in (2, 3, 4)],
        order_items=[{"order_id": f"O{n}", "unit_price": str(n)} for n in (2, 3, 4)],
    )
    shop.succeed("pipeline", "2024-01-05")
    return shop


def test_a_list_paged_while_releases_are_published_is_of_the_release_it_began_with(two_days):
    path = "/v1/sales?group_by=date,category&start=2024-01-01&end=2024-01-05"
    with served(two_days.settings) as client:
        whole = client.get(path).json()["data"]
        page = client.get(f"{path}&limit=1").json()
        found, releases = page["data"], {page["release"]}
        for day in (6, 7):
            # Late orders of the first days, in figures already given and still to come.
            two_days.land(
                f"2024-01-0{day}",
                orders=[order(f"L{day}{n}", n) for n in (1, 2, 4)],
                order_items=[{"order_id": f"L{day}{n}"} for n in (1, 2, 4)],
            )
            two_days.succeed("pipeline", f"2024-01-0{day}")
            page = client.get(f"/v1/sales?next={page['next']}&limit=1").json()
            found += page["data"]
            releases.add(page["release"])
        rest = client.get(f"/v1/sales?next={page['next']}&limit=1000").json()
        now = client.get(path).json()
    assert found + rest["data"] == whole
    assert releases | {rest["release"]} == {2}
    assert now["release"] == 4
    assert [row["units"] for row in now["data"]] == [6, 6, 2, 6]  # 2 each, and 2 of either late order


def test_a_release_past_retention_is_410_also_for_a_cursor_and_after_retention_grew(two_days):
    path = "/v1/metrics/daily?start=2024-01-01&end=2024-01-05"
    with served(two_days.settings) as client:
        following = client.get(f"{path}&limit=1").json()["next"]
        assert client.get(f"{path}&as_of=2024-01-02").headers["x-release"] == "1"
    two_days.database("update lakehouse.releases set created_at = created_at - interval '100 days'")
    two_days.land("2024-01-06", customers=[{"customer_id": "C6"}])
    two_days.succeed("pipeline", "2024-01-06")
    two_days.database("update lakehouse.releases set created_at = created_at - interval '95 days' where release_id = 3")
    two_days.land("2024-01-07", customers=[{"customer_id": "C7"}])
    two_days.succeed("pipeline", "2024-01-07")  # release 3 was replaced just now and stays; 1 and 2 are gone
    with served(two_days.settings) as client:
        for asked in (f"{path}&as_of=2024-01-02", f"/v1/metrics/daily?next={following}", "/v1/changes?since_release=1"):
            answer = client.get(asked)
            assert (answer.status_code, answer.json()["type"]) == (410, "/problems/past-retention"), asked
        assert client.get(f"{path}&as_of=2024-01-06").headers["x-release"] == "3"
    with served(two_days.settings.model_copy(update={"retention_days": 10_000})) as client:
        assert client.get(f"{path}&as_of=2024-01-02").status_code == 410  # its rows are gone all the same


def test_a_publish_is_seen_within_a_second_by_a_service_that_runs(two_days):
    with served(two_days.settings) as client:
        assert client.get("/v1/metrics/daily").headers["x-release"] == "2"
        two_days.land("2024-01-06", customers=[{"customer_id": "C6"}])
        two_days.succeed("pipeline", "2024-01-06")
        assert eventually(lambda: client.get("/v1/metrics/daily").headers["x-release"] == "3") < 1
