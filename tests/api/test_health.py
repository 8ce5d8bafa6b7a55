from contracts.settings import Settings
from serving import embedded
from tests.api.conftest import eventually


def test_a_published_release_makes_the_service_ready(client):
    answer = client.get("/readyz").json()
    assert answer["age_seconds"] > 0
    assert {**answer, "age_seconds": 0} == {
        "status": "ready",
        "release": 2,
        "as_of": "2024-02-07",
        "published_at": "2024-02-08T02:30:00.500000Z",
        "age_seconds": 0,
    }


def test_without_a_database_the_service_lives_but_is_not_ready(serve, tmp_path):
    with serve(Settings(home=tmp_path)) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/database-unavailable")


def test_a_database_without_a_release_says_what_to_run(serve, home, change):
    change("create database empty")
    url = embedded.start(home).replace("/tillhouse?", "/empty?")
    with serve(Settings(home=home.home, database_url=url)) as client:
        for path in ("/readyz", "/v1/metrics/daily", "/v1/releases"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert "Nothing is published yet. Run `tillhouse pipeline`" in answer.json()["detail"]
    change("drop database empty")


def test_a_restarted_database_is_found_again_without_a_restart_of_the_service(client, home):
    assert client.get("/readyz").status_code == 200
    embedded.stop(home)
    try:
        # What is kept is given for as long as its release is believed to be in force.
        assert eventually(lambda: client.get("/v1/metrics/daily").status_code == 503) < 1
        gone = client.get("/v1/metrics/daily")
        assert (gone.status_code, gone.headers["retry-after"]) == (503, "5")
        assert client.get("/healthz").status_code == 200
    finally:
        embedded.start(home)
    waited = eventually(lambda: client.get("/v1/metrics/daily").status_code == 200)
    assert waited < 5
    assert [client.get("/readyz").status_code for _ in range(3)] == [200, 200, 200]
