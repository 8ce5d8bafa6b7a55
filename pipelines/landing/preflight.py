"""Looks at a file's bytes before any parser does, because parsers shift columns or drop rows silently.

The result says exactly where each record begins and ends and how many fields it has. Everything is
done on byte positions with numpy; a file with quoting outside RFC 4180 that is still unambiguous
(a quote inside an unquoted field, a lone carriage return) is first rewritten by the csv module.
"""

import csv
import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]

QUOTE, COMMA, NEWLINE, RETURN = b'",\n\r'
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_FIELD = 2**31 - 1  # the csv module's own limit is 131,072


class Unreadable(Exception):
    """A file cannot be read as a CSV; the message is the reason, with the line where there is one."""


@dataclass(frozen=True)
class Records:
    """A file's bytes and its records after the header, empty lines left out."""

    data: bytes
    header: tuple[str, ...]
    starts: Positions  # byte offsets
    ends: Positions  # exclusive, without the line break
    field_counts: Positions

    @property
    def count(self) -> int:
        """Records, ragged ones included."""
        return len(self.starts)

    @property
    def ragged(self) -> npt.NDArray[np.bool_]:
        """Which records have more or fewer fields than the header."""
        ragged: npt.NDArray[np.bool_] = self.field_counts != len(self.header)
        return ragged


def inspect(data: bytes) -> Records:
    """The records of a CSV. Raises Unreadable, saying why."""
    csv.field_size_limit(_LONGEST_FIELD)
    data = _as_utf8(data)
    if not data:
        raise Unreadable("no header: the file is empty")
    found = _positions(data)
    if found is None:
        data = _rewritten(data)
        found = _positions(data)
    if found is None:
        raise Unreadable("the quoting cannot be understood")
    commas, newlines = found
    return _records(data, commas, newlines)


def _as_utf8(data: bytes) -> bytes:
    if data.startswith(_UTF16_BOMS):
        raise Unreadable("the encoding is UTF-16; save the file as UTF-8")
    data = data.removeprefix(_UTF8_BOM)
    if b"\x00" in data:
        raise Unreadable("not text: it holds NUL bytes")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            f"not UTF-8 text: byte 0x{data[error.start]:02x} in line {line}, perhaps Latin-1; save the file as UTF-8"
        ) from None
    return data


def _positions(data: bytes) -> tuple[Positions, Positions] | None:
    """Commas and line breaks outside quotes; None where the quoting is not plain RFC 4180."""
    raw = np.frombuffer(data, dtype=np.uint8)
    newlines = np.flatnonzero(raw == NEWLINE)
    commas = np.flatnonzero(raw == COMMA)
    returns = np.flatnonzero(raw == RETURN)
    quotes = np.flatnonzero(raw == QUOTE)
    if len(quotes):
        if len(quotes) % 2 or not _well_formed(raw, quotes):
            return None
        newlines, commas, returns = (
            found[np.searchsorted(quotes, found) % 2 == 0] for found in (newlines, commas, returns)
        )
    followed = raw[np.minimum(returns + 1, len(raw) - 1)] == NEWLINE
    if not followed.all():
        return None
    return commas, newlines


def _well_formed(raw: npt.NDArray[np.uint8], quotes: Positions) -> bool:
    """Every opening quote begins a field, every closing one ends it; a doubled quote stands for one."""
    opening, closing = quotes[0::2], quotes[1::2]
    doubled = closing[:-1] + 1 == opening[1:]
    before = raw[np.maximum(opening - 1, 0)]
    begins = (opening == 0) | np.isin(before, (COMMA, NEWLINE, RETURN))
    begins[1:] |= doubled
    after = raw[np.minimum(closing + 1, len(raw) - 1)]
    ends = (closing == len(raw) - 1) | np.isin(after, (COMMA, NEWLINE, RETURN))
    ends[:-1] |= doubled
    return bool(begins.all() and ends.all())


def _rewritten(data: bytes) -> bytes:
    """The same records in plain quoting. Raises Unreadable for broken quoting, with the line."""
    reader = csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    line = 1
    try:
        for record in reader:
            # An empty line is no record; written with no field it stays an empty line.
            writer.writerow(record)
            line = reader.line_num + 1
    except csv.Error as error:
        # An unclosed quote swallows the rest of the file: what helps is where its record begins.
        if "unexpected end of data" in str(error):
            raise Unreadable(f"broken quoting: an unclosed quote in the record that begins in line {line}") from None
        raise Unreadable(f"broken quoting: text after a closing quote, line {reader.line_num}") from None
    return out.getvalue().encode("utf-8")


def _records(data: bytes, commas: Positions, newlines: Positions) -> Records:
    starts = np.concatenate(([0], newlines + 1))
    ends = np.concatenate((newlines, [len(data)]))
    raw = np.frombuffer(data, dtype=np.uint8)
    carriage = (ends > starts) & (raw[np.maximum(ends - 1, 0)] == RETURN)
    ends = ends - carriage
    bounds = np.searchsorted(commas, np.stack((starts, ends)))
    fields = bounds[1] - bounds[0] + 1
    header = _header(data[starts[0] : ends[0]])
    records = np.flatnonzero(ends > starts)
    records = records[records > 0]
    return Records(data, header, starts[records], ends[records], fields[records])


def _header(line: bytes) -> tuple[str, ...]:
    names = next(csv.reader([line.decode("utf-8")]), [])
    if not any(name.strip() for name in names):
        raise Unreadable("no header: the first line is empty")
    return tuple(name.strip() for name in names)
