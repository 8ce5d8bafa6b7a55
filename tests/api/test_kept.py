"""What is kept of a release is given again, byte for byte, and not a second longer than the release is in force."""

import re

from api import kept
from tests.api.conftest import eventually

DAILY = "/v1/metrics/daily?start=2024-02-01&end=2024-02-05"


def test_an_answer_given_again_is_the_same_in_every_format_and_coding(client):
    for accept in ("*/*", "text/csv", "application/vnd.apache.arrow.stream"):
        for coding in ("identity", "gzip", "zstd"):
            first = client.get(DAILY, accept, Accept_Encoding=coding)
            again = client.get(DAILY, accept, Accept_Encoding=coding)
            assert (first.content, first.headers["etag"]) == (again.content, again.headers["etag"])
            assert first.headers["content-type"] == again.headers["content-type"]


def test_a_newer_release_is_noticed_within_a_second(client, change):
    assert client.get(DAILY).headers["x-release"] == "2"
    change("""insert into lakehouse.releases select 3, 'run-3', as_of, created_at, settings
              from lakehouse.releases where release_id = 2;
              update serving.publication set release_id = 3;
              update serving.fct_revenue_daily set orders = orders + 1000""")
    try:
        assert eventually(lambda: client.get(DAILY).headers["x-release"] == "3") < 1
        assert client.get(DAILY).json()["data"][0]["orders"] > 1000
    finally:
        change("""update serving.publication set release_id = 2;
                  delete from lakehouse.releases where release_id = 3;
                  update serving.fct_revenue_daily set orders = orders - 1000""")
    assert eventually(lambda: client.get(DAILY).headers["x-release"] == "2") < 1


def test_what_is_kept_answers_if_none_match_too(client):
    etag = client.get(DAILY).headers["etag"]
    for held in (etag, f"W/{etag}", "*", f'"other", {etag}'):
        answer = client.get(DAILY, If_None_Match=held)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
        assert "content-length" not in answer.headers or answer.headers["content-length"] == "0"
    assert client.get(DAILY, If_None_Match='"other"').status_code == 200


def test_errors_and_records_beside_the_releases_are_not_kept(api):
    for path in ("/v1/orders/O9", "/v1/runs", "/v1/export/dim_store"):
        first, again = api.get(path), api.get(path)
        assert first.status_code == again.status_code
        assert first.headers["x-request-id"] != again.headers["x-request-id"]


def kept_so_far(client):
    return re.search(r"^tillhouse_answers_kept_total (.*)$", client.get("/metrics").text, re.MULTILINE)[1]


def test_short_answers_to_long_queries_do_not_fill_the_memory(serve, home, monkeypatch):
    monkeypatch.setattr(kept, "MOST_BYTES", 50_000)
    with serve(home) as client:
        client.get(f"{DAILY}&fields=date")
        for number in range(1, 13):  # 12 answers of about 2,300 bytes, asked by 4,500 bytes each
            assert client.get(f"{DAILY}&limit={number}&fields=date{'%20' * 1500}").status_code == 200
        before = kept_so_far(client)
        client.get(f"{DAILY}&fields=date")
        assert kept_so_far(client) == before
