def test_releases_are_listed_newest_first_with_the_offset_of_the_business_time_zone(client):
    assert client.get("/v1/releases").json() == {
        "data": [
            {"release_id": 2, "run_id": "run-2", "as_of": "2024-02-07", "created_at": "2024-02-08T02:30:00.500000Z"},
            {"release_id": 1, "run_id": "run-1", "as_of": "2023-07-01", "created_at": "2023-07-02T02:30:00+01:00"},
        ],
        "next": None,
        "as_of": "2024-02-07",
        "release": 2,
    }


def test_releases_page_by_their_number(client):
    following = client.get("/v1/releases?limit=1").json()["next"]
    assert [row["release_id"] for row in client.get(f"/v1/releases?next={following}").json()["data"]] == [1]
