"""Compressed answers: zstd where a client takes it, else gzip."""

import zlib

import pyarrow as pa

LEAST_BYTES = 1024  # a smaller answer fits one packet anyway
ZSTD = "zstd"
GZIP = "gzip"


def negotiated(accept: str | None) -> str | None:
    """The coding a client takes, by its Accept-Encoding; None is as it is."""
    if not accept:
        return None
    taken = {}
    for part in accept.lower().split(","):
        name, _, quality = part.partition(";")
        taken[name.strip()] = quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    for coding in (ZSTD, GZIP):
        if taken.get(coding, False):
            return coding
    return None


def encode(body: bytes, coding: str | None) -> tuple[bytes, str | None]:
    """The body in the coding, and which that is: none where the body is small."""
    if coding is None or len(body) < LEAST_BYTES:
        return body, None
    if coding == ZSTD:
        return bytes(pa.Codec("zstd", 3).compress(body, asbytes=True)), coding
    return zlib.compress(body, level=5, wbits=31), coding
