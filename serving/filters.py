"""Filters of an export, such as `order_date>=2024-01-01`: columns by the catalog, values always parameters."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from contracts.errors import UsageError
from serving.catalog import ServedColumn, ServedTable
from serving.read import Snapshot
from serving.roles import AT_VIEWS

_FILTER = re.compile(r"([a-z_][a-z0-9_]*)(>=|<=|!=|=|>|<)(.*)", re.DOTALL)
_TRUTH = {"true": True, "false": False}


def conditions(
    filters: Iterable[str], columns: Iterable[ServedColumn], timezone: str, first: int
) -> tuple[str, list[object]]:
    """The filters as SQL over `$<first>`, ..., and the values of these; a column twice with `=` is either.

    An empty value is null. Raises UsageError naming what is wrong.
    """
    there = {column.name: column for column in columns}
    either: dict[str, list[str]] = {}
    values: list[object] = []
    for text in filters:
        found = _FILTER.fullmatch(text)
        if found is None:
            raise _wrong(f"{text[:100]!r} is no filter. Write column=value, or with !=, <, <=, > or >=.")
        name, sign, value = found.groups()
        if name not in there:
            raise _wrong(f"{name[:100]!r} is no column to filter by. Choose from {', '.join(there)}.")
        column = there[name]
        if not value:
            if sign not in {"=", "!="}:
                raise _wrong(f"{name}{sign} needs a value.")
            said = f'"{name}" is {"" if sign == "=" else "not "}null'
        else:
            values.append(_value(column, value, timezone))
            said = _compared(column, sign, f"${first + len(values) - 1}")
        either.setdefault(name if sign == "=" else f"{name}{sign}{len(either)}", []).append(said)
    return " and ".join(f"({' or '.join(parts)})" for parts in either.values()), values


def _compared(column: ServedColumn, sign: str, value: str) -> str:
    if column.kind == "text[]":
        if sign not in {"=", "!="}:
            raise _wrong(f"{column.name} is a list: it holds a value (=) or does not (!=).")
        return f'{"" if sign == "=" else "not "}{value} = any("{column.name}")'
    if sign == "!=":
        return f'"{column.name}" is distinct from {value}'
    return f'"{column.name}" {sign} {value}'


def _value(column: ServedColumn, text: str, timezone: str) -> object:
    try:
        return _PARSERS.get(column.kind, _text)(text, timezone)
    except (ValueError, KeyError, InvalidOperation, OverflowError):
        raise _wrong(f"{text[:100]!r} is no value of {column.name}, which is {column.kind}.") from None


def _text(text: str, _: str) -> str:
    if "\0" in text:
        raise ValueError
    return text


def _whole(text: str, _: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise ValueError
    return int(text)


def _decimal(text: str, _: str) -> Decimal:
    if not re.fullmatch(r"[+-]?[0-9]{1,28}(\.[0-9]{1,10})?", text):
        raise ValueError
    return Decimal(text)


def _moment(text: str, timezone: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found.astimezone(ZoneInfo(timezone)).replace(tzinfo=None) if found.tzinfo else found


_PARSERS: dict[str, Callable[[str, str], Any]] = {
    "bigint": _whole,
    "numeric(18,4)": _decimal,
    "numeric(38,10)": _decimal,
    "double precision": lambda text, _: float(Decimal(text)),
    "date": lambda text, _: date.fromisoformat(text),
    "timestamp without time zone": _moment,
    "boolean": lambda text, _: _TRUTH[text],
}


def _wrong(said: str) -> UsageError:
    return UsageError(f"filter: {said}", "filter")


def select(
    table: ServedTable,
    columns: Iterable[ServedColumn],
    filters: Iterable[str],
    filterable: Iterable[ServedColumn],
    snapshot: Snapshot,
) -> tuple[str, list[object]]:
    """A table's rows in order of its key, as the snapshot's release has them: SQL and its values."""
    names = ", ".join(f'"{column.name}"' for column in columns)
    key = ", ".join(f'"{name}"' for name in table.key)
    given: list[object] = []
    wanted: list[str] = []
    source = f'serving."{table.name}"'
    if snapshot.publication != snapshot.in_force:
        given.append(snapshot.publication.release_id)
        source = f'{AT_VIEWS}."{table.name}"'
        wanted.append("from_release <= $1 and (to_release is null or to_release > $1)")
    chosen, values = conditions(filters, filterable, snapshot.publication.timezone, len(given) + 1)
    if chosen:
        wanted.append(chosen)
    where = f" where {' and '.join(wanted)}" if wanted else ""
    return f"select {names} from {source}{where} order by {key}", given + values
