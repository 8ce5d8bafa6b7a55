"""Where the environment names a collector of OpenTelemetry, requests are told to it, and nothing that was asked for."""

import signal
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from api import telemetry
from contracts.errors import SettingsError
from tests.api.conftest import as_command


@pytest.fixture
def collector():
    """A server that keeps what is sent to it: (path, body)."""
    kept = []

    class Keeps(BaseHTTPRequestHandler):
        def do_POST(self):
            kept.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Keeps) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}", kept
        server.shutdown()


def test_each_request_is_a_span_named_by_its_route_without_what_was_asked_for(small_shop, collector):
    address, kept = collector
    with as_command(small_shop, OTEL_EXPORTER_OTLP_ENDPOINT=address) as (process, url):
        for _ in range(2):  # the second is answered from what is kept
            httpx.get(f"{url}/v1/metrics/daily?fields=date")
        httpx.get(f"{url}/v1/orders/somebody%40example.org?fields=status")
        httpx.get(f"{url}/somebody")
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    traces = [ExportTraceServiceRequest.FromString(body) for path, body in kept if path == "/v1/traces"]
    spans = [
        span
        for each in traces
        for resource in each.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    told = [
        (span.name, {each.key: each.value.string_value for each in span.attributes if each.key.startswith("url.")})
        for span in sorted(spans, key=lambda span: span.start_time_unix_nano)
        if span.name != "GET /readyz"
    ]
    daily = {"url.scheme": "http", "url.path": "/v1/metrics/daily", "url.query": "REDACTED"}
    order = {"url.scheme": "http", "url.path": "/v1/orders/{order_id}", "url.query": "REDACTED"}
    assert told == [
        ("GET /v1/metrics/daily", daily),
        ("GET /v1/metrics/daily", daily),
        ("GET /v1/orders/{order_id}", order),
        ("GET", {"url.scheme": "http", "url.path": "none"}),
    ]
    assert not any(b"somebody" in body for _, body in kept)


def test_a_collector_without_what_sends_to_it_is_said_before_anything_is_served(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    telemetry.check()
    monkeypatch.setattr(telemetry, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match=r"tillhouse\[telemetry\]"):
        telemetry.check()
