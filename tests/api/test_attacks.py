"""What somebody on the network can try: each is refused with its own status, and none with a 5xx."""

import base64
import hashlib
import re
import socket
import time
from contextlib import closing, suppress
from urllib.parse import quote, urlsplit

import httpx
import pytest

from api import server
from api.app import create_app
from api.cursors import decode
from contracts.settings import Settings
from tests.api.conftest import eventually, listening

INJECTIONS = (
    "' or 1=1--",
    "'; drop table serving.fct_orders; --",
    "1) union select usename, passwd from pg_shadow--",
    "$$; select pg_sleep(9) $$",
    "\\'; select 1; --",
    'x" or "a"="a',
    "%27%20or%20true",
    "{chosen}",
    ":start",
    "$1",
)


def operations():
    document = create_app(Settings()).openapi()
    for path, methods in document["paths"].items():
        for parameter in methods["get"].get("parameters", []):
            yield path, parameter["name"], parameter["in"]


@pytest.mark.parametrize(("path", "name", "where"), list(operations()))
def test_sql_in_every_parameter_is_a_value_or_a_problem(api, path, name, where):
    known = {"days": "30", "product_id": "P1", "customer_id": "C1", "order_id": "O1", "table": "dim_store"}
    needed = "&since_release=1" if path == "/v1/changes" and name != "since_release" else ""
    for text in INJECTIONS:
        if where == "path":
            asked = path.format(**{**known, name: quote(text, safe="")})
        else:
            asked = f"{path.format(**known)}?{name}={quote(text, safe='')}{needed}"
        begun = time.monotonic()
        answer = api.get(asked)
        assert answer.status_code in {200, 404, 422}, asked
        assert time.monotonic() - begun < 5
        if answer.status_code == 200 and "data" in answer.headers["content-type"]:
            assert answer.json()["data"] == []
    assert len(api.get("/v1/orders/O1").json()["data"]) == 1  # nothing is gone


def test_a_cursor_changed_by_its_holder_gives_no_more_than_its_query_could(api):
    text = api.get("/v1/metrics/daily?start=2024-01-01&limit=2").json()["next"]
    cursor = decode(text)
    for query in ({"limit": 10**9}, {"start": "'"}, {"fields": ["email"]}, {"unknown": 1}, {"as_of": 5}):
        forged = type(cursor)(cursor.release_id, cursor.operation, query, cursor.after).encode()
        assert api.get(f"/v1/metrics/daily?next={forged}").status_code == 422, query
    for release in (0, -1, 10**30, 99):
        forged = type(cursor)(release, cursor.operation, cursor.query, cursor.after).encode()
        assert api.get(f"/v1/metrics/daily?next={forged}").status_code in {410, 422}, release
    for body in (b"null", b"[]", b"{}", b"[1,2,3,4]", b'["a","b",{},[]]', b"[1,[],[],{}]", b"\xff", b"[" * 3000):
        sealed = base64.urlsafe_b64encode(hashlib.blake2s(body, digest_size=8).digest() + body).decode().rstrip("=")
        assert api.get(f"/v1/metrics/daily?next={sealed}").status_code == 422, body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "OPTIONS"])
def test_nothing_but_reading_is_allowed(api, method):
    async def ask(app):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as client:
            return await client.request(method, "/v1/orders/O1")

    assert api.run(ask).status_code == 405


def test_a_client_that_takes_nothing_of_a_long_answer_is_let_go(small_shop, tmp_path, monkeypatch):
    monkeypatch.setattr(server, "STALLED_SECONDS", 0.5)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/large.bin").write_bytes(b"x" * 50_000_000)
    with listening(Settings(home=tmp_path, database_url=small_shop.database_url)) as url:

        def running():
            return float(re.search(r"^tillhouse_requests_running (.*)$", httpx.get(f"{url}/metrics").text, re.M)[1])

        parts = urlsplit(url)
        with closing(socket.create_connection((parts.hostname, parts.port), timeout=10)) as client:
            client.sendall(b"GET /reports/large.bin HTTP/1.1\r\nHost: shop\r\n\r\n")
            client.recv(1000)
            assert running() == 2  # that one, and this
            assert eventually(lambda: running() == 1) < 5
            taken = 0
            with suppress(ConnectionError):
                while part := client.recv(1 << 20):
                    taken += len(part)
            assert taken < 50_000_000  # what lay in the kernel
