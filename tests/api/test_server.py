"""The service as it runs: on a port, with several workers, with slow and rude clients, and told to end."""

import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from urllib.parse import urlsplit

import httpx
import pytest

from api import server
from tests.api.conftest import as_command, listening


def connected(url):
    parts = urlsplit(url)
    return closing(socket.create_connection((parts.hostname, parts.port), timeout=10))


def send(client, parts, pause=0.0):
    for part in parts:
        client.sendall(part)
        time.sleep(pause)


def is_closed(client):
    """Waits until the other side has gone."""
    try:
        return client.recv(65536) == b""
    except ConnectionError:
        return True


@pytest.fixture(scope="module")
def impatient(small_shop):
    """A service that waits half a second for a request."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "REQUEST_SECONDS", 0.5)
        with listening(small_shop) as url:
            yield url


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: shop\r\n", b"GET /v1/rel"])
def test_a_client_that_does_not_finish_its_request_is_cut_off(impatient, sent):
    with connected(impatient) as client:
        client.sendall(sent)
        begun = time.monotonic()
        assert is_closed(client)
        assert 0.3 < time.monotonic() - begun < 5


def test_a_client_that_sends_a_byte_at_a_time_is_cut_off_too(impatient):
    with connected(impatient) as client:
        begun = time.monotonic()
        letters = b"GET / HTTP/1.1\r\nHost: " + b"x" * 1000
        with pytest.raises(OSError, match=r"reset|Broken|abort|closed"):
            send(client, (bytes([letter]) for letter in letters), pause=0.05)
        assert time.monotonic() - begun < 5


def test_two_hundred_slow_clients_keep_nobody_else_waiting(impatient):
    slow = [socket.create_connection((urlsplit(impatient).hostname, urlsplit(impatient).port)) for _ in range(200)]
    try:
        for client in slow:
            client.sendall(b"GET / HTTP/1.1\r\n")
        assert httpx.get(f"{impatient}/v1/releases").status_code == 200
    finally:
        for client in slow:
            client.close()


def test_headers_without_end_are_cut_off(impatient):
    with connected(impatient) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: shop\r\n")
        with pytest.raises(OSError, match=r"reset|Broken|abort"):
            send(client, (b"X-%d: %s\r\n" % (number, b"x" * 1000) for number in range(10_000)))


def test_a_header_cannot_be_slipped_in_by_a_line_break(impatient):
    for request in (
        b"GET /v1/releases HTTP/1.1\r\nHost: shop\r\nX-Request-ID: abcdefgh\nX-Evil: 1\r\n\r\n",
        b"GET /v1/releases?next=%0d%0aX-Evil:%201 HTTP/1.1\r\nHost: shop\r\n\r\n",
        b"GET /v1/x\rX-Evil:1 HTTP/1.1\r\nHost: shop\r\n\r\n",
    ):
        with connected(impatient) as client:
            client.sendall(request)
            head = client.recv(65536).partition(b"\r\n\r\n")[0].lower()
            assert b"\r\nx-evil" not in head


def test_a_body_of_no_stated_length_is_not_read_to_its_end(impatient):
    with connected(impatient) as client:
        client.sendall(b"POST /v1/releases HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n")
        answer = client.recv(65536)
        assert answer.startswith(b"HTTP/1.1 405")
        begun = time.monotonic()
        assert is_closed(client) or is_closed(client)
        assert time.monotonic() - begun < 5


def test_a_connection_serves_one_request_after_another(impatient):
    with httpx.Client(base_url=impatient) as client:
        for _ in range(3):
            assert client.get("/v1/releases").status_code == 200
            time.sleep(0.4)  # idle for longer in all than a request may take
        assert client.get("/healthz").status_code == 200


@pytest.fixture
def workers(small_shop):
    with as_command(small_shop, "--workers", "2") as started:
        yield started


def test_several_workers_count_together_and_end_when_told_after_what_they_answer(workers):
    process, url = workers
    asked = 40
    for _ in range(asked):  # a connection each, so that both workers have some
        assert httpx.get(f"{url}/v1/metrics/daily").status_code == 200
    (line,) = (
        line
        for line in httpx.get(f"{url}/metrics").text.splitlines()
        if line.startswith("tillhouse_requests_total") and "metrics/daily" in line
    )
    assert float(line.split()[-1]) == asked
    with ThreadPoolExecutor() as pool:
        long = pool.submit(httpx.get, f"{url}/v1/export/fct_inventory_daily?format=parquet", timeout=30)
        time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        with suppress(httpx.ConnectError):  # it had not come in yet
            assert long.result().status_code == 200
    assert process.wait(20) in {0, -signal.SIGTERM}


def test_no_more_than_a_few_exports_hold_a_connection_at_once(small_shop, monkeypatch):
    from api import app

    monkeypatch.setattr(app, "MOST_AT_ONCE", 1)
    with listening(small_shop) as url:
        entered = threading.Event()

        def hold():
            with httpx.stream("GET", f"{url}/v1/export/fct_orders") as answer:
                entered.set()
                answer.read()

        with ThreadPoolExecutor() as pool:
            jobs = [pool.submit(httpx.get, f"{url}/v1/export/fct_orders") for _ in range(12)]
            statuses = [job.result().status_code for job in jobs]
        assert set(statuses) <= {200, 503}
        assert 200 in statuses
        hold()
        assert entered.is_set()
