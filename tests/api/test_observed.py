import json
import re

from prometheus_client.parser import text_string_to_metric_families

from contracts.settings import Settings
from serving import api_keys
from tests.api.test_door import NOW


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]


def figures(client):
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {(each.name, *sorted(each.labels.values())): each.value for family in families for each in family.samples}


def test_every_request_is_a_line_with_its_id_and_nothing_that_was_asked_for(serve, small_shop, capsys):
    with serve(small_shop.model_copy(update={"log_format": "json"})) as client:
        answer = client.get("/v1/customers/ada%40example.org?fields=email,x", X_Request_ID="from-the-client")
    (line,) = lines(capsys)
    assert answer.headers["x-request-id"] == line["id"] == "from-the-client"
    assert (line["event"], line["method"], line["path"], line["status"]) == (
        "request",
        "GET",
        "/v1/customers/{customer_id}",
        422,
    )
    assert "ada" not in json.dumps(line)
    assert line["ms"] > 0


def test_a_keyed_request_leaves_an_audit_line_that_names_the_key_but_is_none(serve, small_shop, tmp_path, capsys):
    settings = Settings(home=tmp_path, database_url=small_shop.database_url, log_format="json")
    key, text = api_keys.create(settings.api_keys, "x", ["metrics", "customers"], None, NOW)
    with serve(settings) as client:
        client.get("/v1/customers/C1", Authorization=f"Bearer {text}")
        client.get("/v1/customers/C1", Authorization=f"Bearer {text}x")
    allowed, refused = lines(capsys)
    assert (allowed["event"], allowed["key"], allowed["status"]) == ("audit", key.id, 200)
    assert (refused["event"], refused["status"], "key" in refused) == ("request", 401, False)
    assert text.split("_")[2] not in json.dumps([allowed, refused])


def test_a_line_of_the_log_cannot_be_forged(serve, small_shop, capsys):
    with serve(small_shop) as client:
        for path in ("/v1/x%0Alevel=error", "/%0d%0aX-Evil:%201"):
            answer = client.get(path, X_Request_ID="a b\tforged")
            assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])
            assert "x-evil" not in answer.headers
    logged = capsys.readouterr().err.splitlines()
    assert len(logged) == 2
    assert all(line.startswith("timestamp=") for line in logged)


def test_a_line_in_text_is_pairs_that_a_reader_of_logfmt_takes_apart(serve, small_shop, capsys):
    with serve(small_shop) as client:
        client.get("/nothing=a")
    line = capsys.readouterr().err.strip()
    assert re.fullmatch(
        r'timestamp=\S+Z level=info event=request id=[0-9a-f]{16} method=GET path="/nothing=a" status=404'
        r" ms=[0-9.]+ bytes=[0-9]+ address=127\.0\.0\.1",
        line,
    )


def test_every_answer_has_each_security_header_once(api):
    for path in ("/", "/docs", "/v1/releases", "/v1/nothing", "/healthz", "/reports/x"):
        headers = api.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "SAMEORIGIN"
        assert "server" not in headers
        assert [len(headers.get_list(name)) for name in ("x-content-type-options", "x-request-id")] == [1, 1], path
        if not path.startswith("/reports"):
            assert headers["content-security-policy"].startswith("default-src 'none'")


def test_requests_latencies_pool_and_publication_are_counted(serve, small_shop):
    with serve(small_shop) as client:
        for _ in range(3):
            client.get("/v1/releases")
        for _ in range(2):
            client.get("/v1/metrics/daily")
        client.get("/v1/orders/O9")
        client.get("/nothing/somebody@example.org")
        found = figures(client)
    assert found["tillhouse_requests_total", "/v1/releases", "200", "GET"] == 3
    assert found["tillhouse_requests_total", "/v1/orders/{order_id}", "404", "GET"] == 1
    assert found["tillhouse_requests_total", "404", "any", "none"] == 1
    assert found["tillhouse_request_seconds_count", "/v1/releases"] == 3
    assert found["tillhouse_answers_kept_total",] == 1
    assert found["tillhouse_publication_release",] == 3
    assert 0 <= found["tillhouse_publication_age_seconds",] < 3600
    assert found["tillhouse_pool_connections", "idle"] >= 1
    assert found["tillhouse_database_up",] == 1


def test_without_a_database_the_figures_say_so(serve, tmp_path):
    with serve(Settings(home=tmp_path)) as client:
        assert figures(client)["tillhouse_database_up",] == 0
