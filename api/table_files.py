"""Rows of a served table as CSV, Arrow or Parquet, written batch by batch."""

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from api.formats import ARROW, CSV, as_text
from serving.catalog import ServedColumn
from serving.read import Row

PARQUET = "application/vnd.apache.parquet"
_KINDS = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "numeric(18,4)": pa.decimal128(18, 4),
    "numeric(38,10)": pa.decimal128(38, 10),
    "double precision": pa.float64(),
    "date": pa.date32(),
    "boolean": pa.bool_(),
    "text[]": pa.list_(pa.string()),
}


class TableFile(Protocol):
    """A file that grows: each call gives the bytes that follow."""

    def rows(self, batch: Sequence[Row]) -> bytes:
        """The bytes of some rows, after what a file begins with."""

    def end(self) -> bytes:
        """What a file ends with."""


class CsvFile:
    """RFC 4180 under a header; null is empty, a truth value true or false, a list JSON."""

    def __init__(self, columns: Sequence[ServedColumn], _: str) -> None:
        self._names = [column.name for column in columns]
        self._text = io.StringIO()
        self._writer = csv.writer(self._text)
        self._writer.writerow(self._names)

    def rows(self, batch: Sequence[Row]) -> bytes:
        """The lines of some rows."""
        self._writer.writerows([as_text(row[name]) for name in self._names] for row in batch)
        return self.end()

    def end(self) -> bytes:
        """What is not given yet."""
        said = self._text.getvalue().encode()
        self._text.seek(0)
        self._text.truncate()
        return said


class _Arrow:
    """An Arrow stream or a Parquet file, in memory only as far as it is not given yet."""

    def __init__(self, columns: Sequence[ServedColumn], timezone: str) -> None:
        moment = pa.timestamp("us", tz=timezone)
        self._schema = pa.schema([(column.name, _KINDS.get(column.kind, moment)) for column in columns])
        self._sink = _Growing()
        self._writer = self._begin()

    def _begin(self) -> Any:
        return pa.ipc.new_stream(self._sink, self._schema)

    def rows(self, batch: Sequence[Row]) -> bytes:
        """The record batch or row group of some rows."""
        if batch:
            self._writer.write_table(pa.Table.from_pylist(list(batch), schema=self._schema))
        return self._sink.taken()

    def end(self) -> bytes:
        """The end of the stream, or the footer."""
        self._writer.close()
        return self._sink.taken()


class ArrowFile(_Arrow):
    """An Arrow IPC stream."""


class ParquetFile(_Arrow):
    """A Parquet file, a row group a batch."""

    def _begin(self) -> Any:
        return pq.ParquetWriter(self._sink, self._schema, compression="zstd")


class _Growing(io.RawIOBase):
    """A file that is read while it is written."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._place = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any) -> int:
        """Keeps the bytes until they are taken."""
        held = bytes(data)
        self._held.append(held)
        self._place += len(held)
        return len(held)

    def tell(self) -> int:
        """Bytes written so far."""
        return self._place

    def taken(self) -> bytes:
        """The bytes since the last time."""
        found = b"".join(self._held)
        self._held.clear()
        return found


FILES: dict[str, tuple[str, Callable[[Sequence[ServedColumn], str], TableFile]]] = {
    # media type: ending, file
    CSV: ("csv", CsvFile),
    ARROW: ("arrows", ArrowFile),
    PARQUET: ("parquet", ParquetFile),
}
