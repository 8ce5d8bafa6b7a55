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

from contracts.settings import Settings

Positions = npt.NDArray[np.int64]

QUOTE, COMMA, NEWLINE, RETURN = b'",\n\r'
_UTF8_BOM = b"\xef\xbb\xbf"
# In this order: UTF-32's little-endian mark begins with UTF-16's.
_OTHER_BOMS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_NO_CSV = {
    b"\x1f\x8b": "packed with gzip; name it .csv.gz, and pack it once only",
    b"PK\x03\x04": "an Excel workbook or a zip archive; save it as CSV UTF-8",
}
# Which bytes of a character are NUL where the text is mostly Latin letters, little-endian and big-endian.
_NUL_PATTERNS = {"UTF-32": ((1, 2, 3), (0, 1, 2)), "UTF-16": ((1, 3), (0, 2))}
_SAMPLE = 4096  # bytes, a whole number of characters of either
_SEPARATORS = {";": "';'", "\t": "a tab", "|": "'|'"}
KIB = 2**10
_LONGEST_FIELD = 2**31 - 1  # the csv module's own limit is 131,072


class Unreadable(Exception):
    """A file cannot be read as a CSV; the message is the reason, with the line where there is one."""


@dataclass(frozen=True)
class Limits:
    """The most a file may hold; 0 is no limit."""

    file_mib: int = 0  # of the file, and of what it unpacks to
    fields: int = 0  # in a record
    line_kib: int = 0  # in a record, line breaks inside quotes included

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Those of a home."""
        return cls(settings.max_file_mib, settings.max_fields, settings.max_line_kib)


UNLIMITED = Limits()


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


def inspect(data: bytes, limits: Limits = UNLIMITED) -> Records:
    """The records of a CSV, none of them over the limits. Raises Unreadable, saying why."""
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
    return _records(data, commas, newlines, limits)


def other_separator(header: str) -> str | None:
    """What seems to separate the names of a header in place of the comma, in words."""
    most = max(_SEPARATORS, key=header.count)
    return _SEPARATORS[most] if header.count(most) > header.count(",") else None


def _as_utf8(data: bytes) -> bytes:
    for mark, what in _NO_CSV.items():
        if data.startswith(mark):
            raise Unreadable(what)
    for mark, name in _OTHER_BOMS.items():
        if data.startswith(mark):
            raise Unreadable(f"the encoding is {name}; save the file as UTF-8")
    data = data.removeprefix(_UTF8_BOM)
    nul = data.find(b"\x00")
    if nul >= 0:
        if wide := _wide_encoding(data):
            raise Unreadable(f"the encoding seems to be {wide} (without a byte order mark); save the file as UTF-8")
        raise Unreadable(f"not text: it holds NUL bytes, the first in line {_line_at(data, nul)}")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"not UTF-8 text: byte 0x{data[error.start]:02x} in line {_line_at(data, error.start)}, perhaps Latin-1; "
            "save the file as UTF-8"
        ) from None
    return data


def _wide_encoding(data: bytes) -> str | None:
    """The encoding of two or four bytes a character that the first NULs speak for."""
    sample = np.frombuffer(data[:_SAMPLE][: len(data) // 4 * 4], dtype=np.uint8).reshape(-1, 4)
    if not len(sample):
        return None
    nul = (sample == 0).mean(axis=0)
    for name, patterns in _NUL_PATTERNS.items():
        for empty in patterns:
            filled = [place for place in range(4) if place not in empty]
            if nul[list(empty)].min() > 0.7 and nul[filled].max() < 0.1:
                return name
    return None


def _line_at(data: bytes, position: int) -> int:
    """The line of the file that a byte stands in, by whichever line break the file uses."""
    before = data[:position]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1


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
        separator = other_separator(data.partition(b"\n")[0].decode("utf-8"))
        hint = f"; it is perhaps separated by {separator}: save it with commas" if separator else ""
        if "unexpected end of data" in str(error):
            raise Unreadable(
                f"broken quoting: an unclosed quote in the record that begins in line {line}{hint}"
            ) from None
        raise Unreadable(f"broken quoting: text after a closing quote, line {reader.line_num}{hint}") from None
    return out.getvalue().encode("utf-8")


def _records(data: bytes, commas: Positions, newlines: Positions, limits: Limits) -> Records:
    starts = np.concatenate(([0], newlines + 1))
    ends = np.concatenate((newlines, [len(data)]))
    raw = np.frombuffer(data, dtype=np.uint8)
    carriage = (ends > starts) & (raw[np.maximum(ends - 1, 0)] == RETURN)
    ends = ends - carriage
    bounds = np.searchsorted(commas, np.stack((starts, ends)))
    fields = bounds[1] - bounds[0] + 1
    _require_within(limits, data, starts, ends, fields)
    header = _header(data[starts[0] : ends[0]])
    records = np.flatnonzero(ends > starts)
    records = records[records > 0]
    return Records(data, header, starts[records], ends[records], fields[records])


def _require_within(limits: Limits, data: bytes, starts: Positions, ends: Positions, fields: Positions) -> None:
    longest = ends - starts
    for name, most, found, what in (
        ("max_line_kib", limits.line_kib * KIB, longest, "bytes"),
        ("max_fields", limits.fields, fields, "fields"),
    ):
        worst = int(found.argmax())
        if most and found[worst] > most:
            allowed = f"{limits.line_kib} KiB" if what == "bytes" else f"{most}"
            raise Unreadable(
                f"a record too large: {int(found[worst]):,} {what} in line {_line_at(data, int(starts[worst]))}, where "
                f"{name} allows {allowed}; mend or split the file, or raise the setting {name}"
            )


def _header(line: bytes) -> tuple[str, ...]:
    names = next(csv.reader([line.decode("utf-8")]), [])
    if not any(name.strip() for name in names):
        raise Unreadable("no header: the first line is empty")
    return tuple(name.strip() for name in names)
