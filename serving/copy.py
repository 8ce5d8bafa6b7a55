"""Rows on their way to Postgres: frames as CSV, in one COPY, each piece made while the one before is sent."""

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import polars as pl
import psycopg2
import sqlalchemy as sa

from serving.ddl import quoted
from serving.failures import ConnectionLost, words

_CHUNK_ROWS = 100_000  # bounds the text held at once
_READ_BYTES = 1 << 20


def copy(connection: sa.Connection, into: str, columns: Sequence[str], frames: Iterable[pl.DataFrame]) -> int:
    """Add rows of these columns to a table, which the caller quotes; returns how many.

    Raises psycopg2's errors, ConnectionLost where the connection broke on the way, which is given up.
    """
    chunks = (chunk for frame in frames for chunk in frame.select(columns).iter_slices(_CHUNK_ROWS) if chunk.height)
    with ThreadPoolExecutor(1) as pool:
        text = _Text(_made_ahead(pool, chunks))
        return transfer(connection, f"copy {into} ({quoted(columns)}) from stdin with (format csv, null '\\N')", text)


def transfer(connection: sa.Connection, statement: str, file: Any) -> int:
    """One COPY from the bytes that `file` reads, or to where it writes; returns how many rows. Raises as `copy`."""
    cursor = connection.connection.cursor()
    with _unprinted() as unprinted:
        try:
            cursor.copy_expert(statement, file, _READ_BYTES)
        except psycopg2.Error as error:
            if not cursor.connection.closed:
                raise
            connection.invalidate(error)
            raise ConnectionLost(words(unprinted[0] if unprinted else error)) from None
    return int(cursor.rowcount)


@contextmanager
def _unprinted() -> Iterator[list[psycopg2.Error]]:
    """What psycopg2 would print with its row, traceback and all: a COPY that ends with the server has two errors.

    It raises the second over the first, by which its own code stumbles and reports the first as if nobody caught it.
    """
    shown, kept = sys.excepthook, list[psycopg2.Error]()

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, SystemError) and isinstance(error.__cause__, psycopg2.Error):
            kept.append(error.__cause__)
        else:
            shown(kind, error, trace)

    sys.excepthook = show
    try:
        yield kept
    finally:
        sys.excepthook = shown


def _made_ahead(pool: Executor, chunks: Iterator[pl.DataFrame]) -> Iterator[memoryview]:
    def make() -> memoryview:
        chunk = next(chunks, None)
        return memoryview(b"") if chunk is None else as_csv(chunk)

    coming = pool.submit(make)
    while text := coming.result():
        coming = pool.submit(make)
        yield text


class _Text:
    """Pieces of text as the file that psycopg2 reads."""

    def __init__(self, pieces: Iterator[memoryview]) -> None:
        self._pieces = pieces
        self._left = memoryview(b"")

    def read(self, size: int) -> bytes:
        """At most `size` bytes more; none at the end."""
        self._left = self._left or next(self._pieces, self._left)
        taken, self._left = self._left[:size], self._left[size:]
        return bytes(taken)


def as_csv(frame: pl.DataFrame) -> memoryview:
    """The frame as CSV without a header, null as backslash and N."""
    lists = [name for name, kind in frame.schema.items() if kind == pl.List(pl.String)]
    buffer = io.BytesIO()
    frame.with_columns(_array_literal(name) for name in lists).write_csv(
        buffer, include_header=False, null_value="\\N", quote_style="non_numeric"
    )
    return buffer.getbuffer()


def _array_literal(name: str) -> pl.Expr:
    """A list of text as Postgres spells an array."""
    escaped = pl.element().str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)
    quoted = pl.lit('"') + escaped + pl.lit('"')
    return (pl.lit("{") + pl.col(name).list.eval(quoted).list.join(",") + pl.lit("}")).alias(name)
