import pytest

from tests.api.conftest import eventually

DAILY = "/v1/metrics/daily?start=2024-02-01&end=2024-02-05"


def test_pages_follow_each_other_without_a_gap_and_the_last_has_no_next(client):
    first = client.get(f"{DAILY}&fields=date&limit=2")
    second = client.get(f"/v1/metrics/daily{first.headers['link'].split('<')[1].split('>')[0]}")
    third = client.get(f"/v1/metrics/daily?next={second.json()['next']}&limit=5").json()
    assert first.json()["data"] + second.json()["data"] + third["data"] == [
        {"date": f"2024-02-0{day}"} for day in range(1, 6)
    ]
    assert third["next"] is None


def test_a_full_last_page_has_no_next(client):
    answer = client.get(f"{DAILY}&limit=5")
    assert (len(answer.json()["data"]), answer.json()["next"], "link" in answer.headers) == (5, None, False)


@pytest.mark.parametrize("limit", ["0", "1001", "x", "-1"])
def test_a_limit_beyond_a_thousand_or_below_one_is_422(client, limit):
    assert client.get(f"/v1/releases?limit={limit}").json()["errors"][0]["parameter"] == "limit"


def test_a_cursor_stays_with_its_query(client):
    following = client.get(f"{DAILY}&limit=2").json()["next"]
    assert client.get(f"{DAILY}&limit=1&next={following}").json()["data"][0]["date"] == "2024-02-03"
    other = client.get(f"/v1/metrics/daily?start=2024-01-01&next={following}")
    assert (other.status_code, other.json()["errors"][0]["parameter"]) == (422, "start")
    assert client.get(f"/v1/releases?next={following}").status_code == 422


def test_every_answer_names_its_release_and_can_be_kept_by_a_cache(client):
    headers = client.get(DAILY).headers
    assert {name: headers[name] for name in ("x-as-of", "x-release", "last-modified", "cache-control", "vary")} == {
        "x-as-of": "2024-02-07",
        "x-release": "2",
        "last-modified": "Thu, 08 Feb 2024 02:30:00 GMT",
        "cache-control": "no-cache",
        "vary": "Accept, Accept-Encoding, Authorization, X-API-Key",
    }


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_an_answer_the_client_holds_is_304_without_a_body(client, form):
    etag = client.get(DAILY).headers["etag"]
    answer = client.get(DAILY, If_None_Match=form.format(etag))
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)


def test_the_etag_tells_query_media_type_and_release_apart(client, change):
    etag = client.get(DAILY).headers["etag"]
    assert client.get(f"{DAILY}&fields=date", If_None_Match=etag).status_code == 200
    assert client.get(DAILY, "text/csv", If_None_Match=etag).status_code == 200
    change("update serving.publication set published_at = published_at + interval '1 second'")
    try:
        assert eventually(lambda: client.get(DAILY, If_None_Match=etag).status_code == 200) < 1
    finally:
        change("update serving.publication set published_at = published_at - interval '1 second'")
    # The default, spelled out.
    assert eventually(lambda: client.get(f"{DAILY}&basis=booked", If_None_Match=etag).status_code == 304) < 1


@pytest.mark.parametrize("path", ["/metrics/daily", "/ltv/30", "/inventory/alerts"])
def test_the_first_three_lists_answer_without_the_version_too(client, path):
    assert client.get(path).content == client.get(f"/v1{path}").content
    assert client.get(path).status_code == 200
