"""Ids in a path: several by commas, each percent-encoded, so that an id may hold a slash."""

from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from fastapi import Path
from starlette.types import ASGIApp, Receive, Scope, Send

_SEVERAL = "Several are separated by commas; percent-encode what is not a letter or digit of an id (a comma is %2C)."


def _id(what: str, example: str) -> Any:
    return Path(description=f"{what}. {_SEVERAL}", min_length=1, max_length=8000, examples=[example])


ProductPath = _id("The SKU", "SKU-00012")
CustomerPath = _id("The shop's identifier of the customer", "C000012")
OrderPath = _id("The shop's identifier of the order", "O0000123")


class EncodedPaths:
    """ASGI middleware: routes of the API see their path as it was sent, so that `%2F` and `%2C` belong to an id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Gives the path of an API route percent-encoded, in one spelling."""
        if scope["type"] == "http" and scope["path"].startswith("/v1/") and scope.get("raw_path"):
            scope["path"] = _in_one_spelling(scope["raw_path"])
        await self._app(scope, receive, send)


@lru_cache(maxsize=1024)
def _in_one_spelling(raw: bytes) -> str:
    parts = raw.partition(b"?")[0].decode("latin-1").split("/")
    return "/".join(",".join(map(_spelt, part.split(","))) for part in parts)


def _spelt(text: str) -> str:
    return quote(unquote_to_bytes(text.encode("latin-1")), safe="")
