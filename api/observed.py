"""Every request named, timed, counted and logged, whatever becomes of it; every answer with its security headers."""

import json
import re
import secrets
import sys
import time
import traceback
from pathlib import PurePath
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.measures import Measures
from api.problems import problem
from api.telemetry import name_span
from contracts.settings import Settings

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")
_TO_QUOTE = re.compile(r'[\x00-\x20\x7f="\\]')
_ALWAYS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
_POLICY = b"content-security-policy"
_NOTHING = (_POLICY, b"default-src 'none'; frame-ancestors 'none'")
_STRICT = (b"strict-transport-security", b"max-age=31536000")


def logger(settings: Settings) -> Any:
    """What a service logs by, on standard error, from one line a request on."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if settings.log_format == "json" else _logfmt
    )
    return structlog.wrap_logger(
        structlog.WriteLogger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(0),
    )


def _logfmt(_: Any, __: str, event: structlog.typing.EventDict) -> str:
    """As structlog's own renderer, in a fifth of its time, which was a fifth of an answer's; no value is a bool."""
    line = {**{name: event.pop(name) for name in ("timestamp", "level", "event")}, **event}
    return " ".join([f"{name}={_spelt(str(value))}" for name, value in line.items()])


def _spelt(text: str) -> str:
    return json.dumps(text) if _TO_QUOTE.search(text) else text


class Observed:
    """ASGI middleware, the outermost: nothing leaves without a line in the log and a request id."""

    def __init__(self, app: ASGIApp, settings: Settings, measures: Measures) -> None:
        self._app = app
        self._log = logger(settings)
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request; an error nobody foresaw is 500 and its place is in the log."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        state = scope.setdefault("state", {})
        state["id"] = _request_id(scope)
        state["log"] = self._log
        status, size = 0, 0

        async def observed(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                name_span(scope)
                # Not into the message itself: an answer that is kept is kept without them.
                message = {**message, "headers": _headers(scope, message, state["id"])}
            else:
                size += len(message.get("body", b""))
            await send(message)

        self._measures.running.inc()
        try:
            await self._app(scope, receive, observed)
        except Exception as error:
            self._say(scope, error)
            if status:  # the half of an answer must not look like a whole one
                raise
            await problem("internal-error", "The error is in the log of the server.")(scope, receive, observed)
        finally:
            self._measures.running.dec()
            self._end(scope, state, status, size, begun)

    def _say(self, scope: Scope, error: Exception) -> None:
        """Where it happened and what kind it is; its message may hold what a caller sent or a row."""
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "site-packages" not in frame.filename] + frames[-1:]
        where = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in reversed(ours))
        self._log.error(
            "a request failed", id=scope["state"]["id"], path=_path(scope), error=type(error).__name__, where=where
        )

    def _end(self, scope: Scope, state: dict[str, Any], status: int, size: int, begun: float) -> None:
        route = state.get("route")
        self._measures.answered(
            route or "none", scope["method"] if route else "any", status, begun, kept="kept" in state
        )
        line: dict[str, Any] = {
            "id": state["id"],
            "method": scope["method"],
            # The template: an id or a query can be somebody's name.
            "path": route or _path(scope),
            "status": status,
            "ms": round((time.perf_counter() - begun) * 1000, 2),
            "bytes": size,
            "address": (scope.get("client") or ("unknown", 0))[0],
        }
        if "key" in state:  # the audit line: who asked for what
            self._log.info("audit", key=state["key"], **line)
        else:
            self._log.info("request", **line)


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text: str = value.decode("latin-1")
            if _REQUEST_ID.fullmatch(text):
                return text
    return secrets.token_hex(8)


def _path(scope: Scope) -> str:
    """What was sent for a path, still encoded, so that no line of a log can be forged by it."""
    raw: bytes = scope.get("raw_path") or b""
    return raw.decode("ascii", "backslashreplace")[:200]


def _headers(scope: Scope, message: Message, request_id: str) -> list[tuple[bytes, bytes]]:
    """No answer of ours has any of ours but the policy: they are added without a look at those it has."""
    headers = [*message.get("headers", ()), (b"x-request-id", request_id.encode("latin-1")), *_ALWAYS]
    if not scope["path"].startswith("/reports") and all(name != _POLICY for name, _ in headers):
        headers.append(_NOTHING)
    if scope.get("scheme") == "https":
        headers.append(_STRICT)
    return headers
