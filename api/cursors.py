"""Opaque cursors: where a list goes on, of which release and which query."""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from contracts.errors import UsageError


@dataclass(frozen=True)
class Cursor:
    """The last row of a page, by its key, and the query it belongs to."""

    release_id: int
    operation: str
    query: dict[str, Any]  # the parameters that differ from their defaults, as JSON values
    after: list[Any]  # the key of the last row, as JSON values

    def encode(self) -> str:
        """The cursor as URL-safe text."""
        body = json.dumps([self.release_id, self.operation, self.query, self.after], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(_seal(body) + body).decode().rstrip("=")


def decode(text: str) -> Cursor:
    """The cursor a text stands for. Raises UsageError where it is none that was handed out."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _unknown() from None
    seal, body = packed[:8], packed[8:]
    if seal != _seal(body):
        raise _unknown()
    try:
        release_id, operation, query, after = json.loads(body)
    except (ValueError, TypeError, RecursionError):
        raise _unknown() from None
    if [type(part) for part in (release_id, operation, query, after)] != [int, str, dict, list]:
        raise _unknown()
    return Cursor(release_id, operation, query, after)


def _seal(body: bytes) -> bytes:
    """Tells a damaged cursor from a whole one; it protects nothing, as a cursor holds no secret."""
    return hashlib.blake2s(body, digest_size=8).digest()


def _unknown() -> UsageError:
    return UsageError("The cursor is none of this API. Take it unchanged from `next`, or start without one.", "next")
