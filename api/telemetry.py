"""OpenTelemetry: traces and metrics by FastAPI itself, where the environment names a collector."""

import os
from importlib.util import find_spec

from fastapi.telemetry import TelemetryConfig
from opentelemetry import trace
from starlette.types import Scope

from contracts.errors import SettingsError

# Not its logs: they would hold what was asked for.
CONFIG: TelemetryConfig = {"auto_configure": True, "logs": False, "operation_spans": False}
_ENDPOINTS = tuple(f"OTEL_EXPORTER_OTLP_{signal}ENDPOINT" for signal in ("", "TRACES_", "METRICS_"))


def check() -> None:
    """Raises SettingsError where a collector is named and what would send to it is not installed."""
    named = [name for name in _ENDPOINTS if os.environ.get(name)]
    if named and find_spec("opentelemetry.exporter") is None:
        raise SettingsError(
            f"{named[0]} is set, but nothing that sends to it is installed. "
            "Install `tillhouse[telemetry]`, or unset it."
        )


def name_span(scope: Scope) -> None:
    """Let the request's span, if there is one, tell the route and not what was asked for, which may name somebody."""
    if "fastapi.telemetry" not in scope:
        return
    # Of an answer that was kept, else the one that is answering.
    route = scope["state"].get("route") or getattr(scope.get("route"), "path", None)
    span = trace.get_current_span()
    span.set_attribute("url.path", route or "none")
    if scope["query_string"]:
        span.set_attribute("url.query", "REDACTED")
    if route:
        span.update_name(f"{scope['method']} {route}")
        span.set_attribute("http.route", route)
