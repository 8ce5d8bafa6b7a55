"""The media types of a list: which one a client takes, and how rows are written in it."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pydantic_core import from_json, to_json

from api.row_types import Row, columns, inner_row, json_columns, plain_types, scale
from contracts.errors import NotAcceptable

JSON = "application/json"
CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"
OFFERED = (JSON, CSV, ARROW)  # in order of preference where a client has none


def choose(accept: str | None, there: Sequence[str] = OFFERED) -> str:
    """The media type a client likes best of those there are, by its Accept header. Raises NotAcceptable."""
    if not accept or accept == "*/*":
        return there[0]
    ranges = [_media_range(part) for part in accept.split(",") if part.strip()]
    quality = {offered: _quality(offered, ranges) for offered in there}
    best = max(there, key=lambda offered: quality[offered])
    if quality[best] <= 0:
        raise NotAcceptable(f"None of {accept!r} can be given. Accept one of {', '.join(there)}.")
    return best


def _media_range(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return name, float(parameter[2:])
            except ValueError:
                return name, 0.0
    return name, 1.0


def _quality(offered: str, ranges: list[tuple[str, float]]) -> float:
    """The quality of the most specific range that takes it, 0 where none does."""
    for taken in (offered, offered.partition("/")[0] + "/*", "*/*"):
        found = [quality for name, quality in ranges if name == taken]
        if found:
            return max(found)
    return 0.0


@dataclass(frozen=True)
class Listed:
    """A page of rows, ready to be written."""

    rows: Sequence[Mapping[str, Any]]
    row: type[Row]
    columns: Sequence[str]
    following: str | None  # cursor of the next page
    as_of: date
    release_id: int
    timezone: str


def write_json(page: Listed) -> bytes:
    """The rows within their envelope; money as text, dates and times ISO 8601."""
    rows: Sequence[Mapping[str, Any]] = page.rows
    if objects := set(json_columns(page.row)).intersection(page.columns):
        rows = [{**row, **{name: from_json(row[name]) for name in objects}} for row in rows]
    if wide := [
        name for name in page.columns if Decimal in plain_types(page.row, name) and scale(page.row, name).scale > 6
    ]:
        # Python spells a zero of so many places with an exponent.
        rows = [{**row, **{name: as_text(row[name]) for name in wide}} for row in rows]
    return to_json({"data": rows, "next": page.following, "as_of": page.as_of, "release": page.release_id})


def write_csv(page: Listed) -> bytes:
    """The rows under a header, RFC 4180; null is empty, a truth value true or false, a list JSON."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(page.columns)
    writer.writerows([as_text(values[name]) for name in page.columns] for values in page.rows)
    return text.getvalue().encode()


def as_text(value: object) -> object:
    """A value as a CSV spells it."""
    match value:
        case bool():
            return str(value).lower()
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case list() | dict():
            return to_json(value).decode()
        case _:
            return value


def write_arrow(page: Listed) -> bytes:
    """The rows as an Arrow IPC stream; money DECIMAL(18,4), times in the business time zone."""
    schema = pa.schema([_arrow_field(page.row, name, page.timezone) for name in page.columns])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        stream.write_table(pa.Table.from_pylist(list(page.rows), schema=schema))
    return bytes(sink.getvalue().to_pybytes())


def _arrow_field(row: type[Row], column: str, timezone: str) -> Any:
    digits = scale(row, column)
    spelled = {
        bool: pa.bool_(),
        int: pa.int64(),
        float: pa.float64(),
        Decimal: pa.decimal128(digits.precision, digits.scale),
        datetime: pa.timestamp("us", tz=timezone),
        date: pa.date32(),
        list[str]: pa.list_(pa.string()),
    }
    types = plain_types(row, column)
    inner = inner_row(row, column)
    if inner is not None:
        kind = pa.list_(pa.struct([_arrow_field(inner, name, timezone) for name in columns(inner)]))
    else:
        kind = spelled.get(types[0], pa.string())
    return pa.field(column, kind, nullable=type(None) in types)


WRITERS: dict[str, Callable[[Listed], bytes]] = {JSON: write_json, CSV: write_csv, ARROW: write_arrow}
