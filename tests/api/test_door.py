import base64
import json
import time
from datetime import UTC, datetime

import pytest

from api import door
from contracts.settings import Settings
from serving import api_keys

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def guarded(small_shop, tmp_path_factory):
    """Settings of the small shop where keys are needed, and a key of each kind."""
    home = tmp_path_factory.mktemp("guarded")
    settings = Settings(home=home, database_url=small_shop.database_url)
    (home / "reports").mkdir()
    (home / "reports/index.html").write_text("the archive")
    keys = {
        "metrics": api_keys.create(settings.api_keys, "figures", ["metrics"], None, NOW)[1],
        "both": api_keys.create(settings.api_keys, "all", ["metrics", "customers"], None, NOW)[1],
        "customers": api_keys.create(settings.api_keys, "people", ["customers"], None, NOW)[1],
        "none": api_keys.create(settings.api_keys, "odd", ["metrics"], None, NOW)[1],
    }
    kept = json.loads(settings.api_keys.read_text())
    kept["keys"][-1]["scopes"] = []
    settings.api_keys.write_text(json.dumps(kept))
    return settings, keys


@pytest.fixture
def keyed(serve, guarded):
    """The API where keys are needed, its counters at nothing."""
    with serve(guarded[0]) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/v1/metrics/daily", "/metrics/daily", "/v1/nothing", "/v1/export/dim_store", "/reports/", "/metrics"]
)
def test_without_a_key_nothing_of_the_shop_is_shown(keyed, path):
    answer = keyed.get(path)
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthorized")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/openapi.json", "/"])
def test_what_tells_nothing_of_the_shop_needs_no_key(keyed, path):
    assert keyed.get(path).status_code == 200


def test_a_key_is_taken_as_a_bearer_as_a_header_and_as_the_password_of_basic(keyed, guarded):
    key = guarded[1]["metrics"]
    basic = base64.b64encode(f"anybody:{key}".encode()).decode()
    for headers in (
        {"Authorization": f"Bearer {key}"},
        {"X_API_Key": key},
        {"Authorization": f"Basic {basic}"},
    ):
        assert keyed.get("/v1/metrics/daily", **headers).status_code == 200
    assert keyed.get("/reports/", Authorization=f"Basic {basic}").text == "the archive"


@pytest.mark.parametrize(
    "credential",
    ["Bearer", "Bearer ", "Bearer x", "Basic x", "Basic !", "Digest a", "Bearer till_0_0", "Bearer é", "Basic 4pm="],
)
def test_what_is_no_key_is_401_and_told_apart_from_no_other(keyed, credential):
    answer = keyed.get("/v1/metrics/daily", Authorization=credential)
    assert answer.status_code == 401
    assert "valid" in answer.json()["detail"] or "Send" in answer.json()["detail"]


def test_a_key_that_is_sent_must_be_right_also_where_none_is_needed(api):
    assert api.get("/v1/metrics/daily", Authorization="Bearer till_x_y").status_code == 401


def test_names_and_mail_addresses_come_with_the_scope_customers_alone(keyed, guarded):
    keys = guarded[1]
    (plain,) = keyed.get("/v1/customers/C1", Authorization=f"Bearer {keys['metrics']}").json()["data"]
    full = keyed.get("/v1/customers/C1", Authorization=f"Bearer {keys['both']}")
    (named,) = full.json()["data"]
    assert "email" not in plain
    assert (named["full_name"], named["email"]) == ("Ada Byron", "ada@example.org")
    assert full.headers["cache-control"] == "private, no-cache"
    (again,) = keyed.get("/v1/customers/C1", Authorization=f"Bearer {keys['metrics']}").json()["data"]
    assert again == plain  # nothing of what was kept for another
    raw = keyed.get("/v1/quarantine?fields=raw", Authorization=f"Bearer {keys['both']}").json()["data"][0]["raw"]
    assert json.loads(raw)["order_id"] == "O5"
    export = keyed.get("/v1/export/dim_customer?filter=email=ada@example.org", Authorization=f"Bearer {keys['both']}")
    assert "Ada Byron" in export.text


def test_a_key_with_the_scope_customers_sees_the_figures_too(keyed, guarded):
    key = {"Authorization": f"Bearer {guarded[1]['customers']}"}
    (named,) = keyed.get("/v1/customers/C1", **key).json()["data"]
    assert (named["full_name"], named["email"]) == ("Ada Byron", "ada@example.org")
    assert keyed.get("/v1/metrics/daily", **key).status_code == 200
    assert keyed.get("/reports/", **key).text == "the archive"


def test_a_key_without_a_scope_sees_no_figure(keyed, guarded):
    answer = keyed.get("/v1/metrics/daily", Authorization=f"Bearer {guarded[1]['none']}")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden")


def test_a_tag_learnt_with_a_key_opens_nothing_without(keyed, guarded):
    both = guarded[1]["both"]
    etag = keyed.get("/v1/customers/C1", Authorization=f"Bearer {both}").headers["etag"]
    assert keyed.get("/v1/customers/C1", If_None_Match=etag).status_code == 401
    metrics = {"Authorization": f"Bearer {guarded[1]['metrics']}", "If_None_Match": etag}
    assert keyed.get("/v1/customers/C1", **metrics).status_code == 200  # another answer


def test_a_key_may_ask_so_often_a_minute_and_is_told_when_again(serve, guarded):
    settings, keys = guarded
    with serve(settings.model_copy(update={"api_key_rate": 3})) as client:
        statuses = [client.get("/v1/releases", X_API_Key=keys["metrics"]).status_code for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        answer = client.get("/v1/releases", X_API_Key=keys["metrics"])
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert answer.json()["type"] == "/problems/too-many-requests"
        assert client.get("/v1/releases", X_API_Key=keys["both"]).status_code == 200  # each for itself


def test_an_address_may_ask_so_often_without_a_key(serve, small_shop):
    with serve(small_shop.model_copy(update={"api_address_rate": 2})) as client:
        assert [client.get("/v1/releases").status_code for _ in range(3)] == [200, 200, 429]
    with serve(small_shop.model_copy(update={"api_address_rate": 0})) as client:
        assert {client.get("/v1/releases").status_code for _ in range(20)} == {200}


def test_ten_thousand_wrong_keys_are_refused_and_a_right_one_is_still_let_in(keyed, guarded, capsys):
    statuses = {}
    begun = time.monotonic()
    for number in range(10_000):
        status = keyed.get("/v1/releases", X_API_Key=f"till_{number:010}_guess").status_code
        statuses[status] = statuses.get(status, 0) + 1
    assert set(statuses) == {401, 429}
    tried = 1 + (time.monotonic() - begun) / 60  # minutes, the one begun counted whole
    assert door.WRONG_KEYS_A_MINUTE <= statuses[401] <= door.WRONG_KEYS_A_MINUTE * tried + 1
    assert capsys.readouterr().err.count("event=request") == 10_000
    assert keyed.get("/v1/releases", X_API_Key=guarded[1]["metrics"]).status_code == 200


def test_a_url_or_body_too_large_is_refused_before_it_is_read(api):
    assert api.get(f"/v1/releases?next={'A' * 9000}").status_code == 414
    answer = api.post("/v1/releases", Content_Length=str(10**9))
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")
    assert api.post("/v1/releases", Content_Length="many").status_code == 413


def test_keys_that_cannot_be_trusted_let_nobody_in(serve, guarded, tmp_path):
    (tmp_path / "api-keys.json").write_text("{}")
    (tmp_path / "api-keys.json").chmod(0o666)
    settings = Settings(home=tmp_path, database_url=guarded[0].database_url)
    with serve(settings) as client:
        answer = client.get("/v1/releases")
        assert (answer.status_code, str(tmp_path) in answer.text) == (503, False)
        assert client.get("/healthz").status_code == 200


def test_pages_of_other_origins_read_nothing_unless_the_setting_lets_them(serve, small_shop):
    asked = {"Origin": "https://shop.example"}
    with serve(small_shop) as client:
        assert "access-control-allow-origin" not in client.get("/v1/releases", **asked).headers
    with serve(small_shop.model_copy(update={"api_cors_origins": ("https://shop.example",)})) as client:
        assert client.get("/v1/releases", **asked).headers["access-control-allow-origin"] == "https://shop.example"
        other = client.get("/v1/releases", Origin="https://other.example")
        assert "access-control-allow-origin" not in other.headers
