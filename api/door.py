"""Who comes in: keys, scopes, rates, and caps on what is sent."""

import base64
import binascii
import math
import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem
from contracts.errors import InfrastructureError
from contracts.settings import Settings
from serving.api_keys import KeyRing

MOST_URL_BYTES = 8000
MOST_BODY_BYTES = 64 * 1024
WRONG_KEYS_A_MINUTE = 30  # of an address; a right key of it is let in all the same
OPEN = ("/healthz", "/readyz", "/docs", "/openapi.json", "/problems/", "/favicon.ico")
ANYBODY = frozenset({"metrics"})  # what a caller may see where no keys are needed
IMPLIED = {"customers": ANYBODY}  # whom a scope lets see personal data it lets see figures
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="tillhouse", Basic realm="tillhouse", charset="UTF-8"'}


class Door:
    """ASGI middleware: lets in who may come in, and says in `scope["state"]` who it is and what they may see."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._ring = KeyRing(settings.api_keys)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._of_key = settings.api_key_rate and RateLimitItemPerMinute(settings.api_key_rate, namespace="key")
        self._of_address = settings.api_address_rate and RateLimitItemPerMinute(
            settings.api_address_rate, namespace="address"
        )
        self._of_wrong_keys = RateLimitItemPerMinute(WRONG_KEYS_A_MINUTE, namespace="wrong key")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers it with the problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["scopes"] = ANYBODY
        headers = Headers(scope=scope)
        try:
            refused = _too_large(scope, headers) or await self._refused(scope, headers, state)
        except InfrastructureError as error:
            state["log"].error("nobody is let in", reason=str(error))
            refused = problem("infrastructure", "The keys of this service cannot be read.", status=503)
        if refused is not None:
            await refused(scope, receive, send)
            return
        await self._app(scope, _capped(receive), send)

    async def _refused(self, scope: Scope, headers: Headers, state: dict[str, object]) -> Response | None:
        given = _credential(headers)
        address = (scope.get("client") or ("unknown", 0))[0]
        if given is None and (_is_open(scope["path"]) or not self._ring.is_needed()):
            return await self._limited(self._of_address, address)
        if given is None:
            return problem("unauthorized", "Send an API key: `Authorization: Bearer KEY`.", headers=_CHALLENGE)
        key = self._ring.find(given)
        if key is None:
            if not await self._limiter.hit(self._of_wrong_keys, address):
                return await self._wait(self._of_wrong_keys, address)
            return problem("unauthorized", "The API key is not valid.", headers=_CHALLENGE)
        scopes = key.scopes.union(*(IMPLIED.get(each, ()) for each in key.scopes))
        state["key"], state["scopes"] = key.id, scopes
        return await self._limited(self._of_key, key.id) or _not_allowed(scopes, scope["path"])

    async def _limited(self, rate: RateLimitItemPerMinute | int, who: str) -> Response | None:
        if isinstance(rate, int) or await self._limiter.hit(rate, who):
            return None
        return await self._wait(rate, who)

    async def _wait(self, rate: RateLimitItemPerMinute, who: str) -> Response:
        until = (await self._limiter.get_window_stats(rate, who)).reset_time
        seconds = max(1, math.ceil(until - time.time()))
        return problem(
            "too-many-requests",
            f"More than {rate.amount} a minute. Try again in {seconds} s.",
            headers={"Retry-After": str(seconds)},
        )


def _is_open(path: str) -> bool:
    return path == "/" or path.startswith(OPEN)


def _not_allowed(scopes: frozenset[str], path: str) -> Response | None:
    if "metrics" in scopes or _is_open(path):
        return None
    return problem("forbidden", "The API key lacks the scope metrics.")


def _credential(headers: Headers) -> str | None:
    """The key that is sent: as a bearer, as `X-API-Key`, or as the password of Basic, which browsers ask for."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "":
            return headers.get("x-api-key")
        case "bearer":
            return value.strip()
        case "basic":
            try:
                return base64.b64decode(value, validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                return ""
        case _:
            return ""


def _too_large(scope: Scope, headers: Headers) -> Response | None:
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MOST_URL_BYTES:
        return problem("url-too-long", f"A URL may have {MOST_URL_BYTES} bytes here.")
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length[:20]) > MOST_BODY_BYTES:
        return problem(
            "body-too-large", f"A body may have {MOST_BODY_BYTES} bytes here.", headers={"Connection": "close"}
        )
    return None


def _capped(receive: Receive) -> Receive:
    """No more of a body of unknown length than a body may have: what comes after is as a client gone."""
    seen = 0

    async def capped() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > MOST_BODY_BYTES:
                return {"type": "http.disconnect"}
        return message

    return capped
