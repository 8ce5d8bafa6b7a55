"""A landed file as a frame of text, exactly as it arrived."""

import csv
import difflib
import gzip
import io
import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from contracts.base import Source
from contracts.errors import LakeUnavailable
from pipelines.landing.preflight import NEWLINE, Records, Unreadable, inspect

# Known in any source beside the declared columns; not drift.
KNOWN_EXTRAS = ("ingested_at", "deleted")


@dataclass(frozen=True)
class Reading:
    """What a file holds.

    `rows`: the source's declared columns as text (null where the file lacks the column), `extra` (JSON object
    of undeclared columns; for a ragged record a JSON array of its fields) and `row_number`.
    """

    rows: pl.DataFrame
    new_columns: tuple[str, ...]  # undeclared ones
    missing_columns: tuple[str, ...]  # optional ones the file lacks


def read(path: Path, source: Source) -> Reading:
    """The rows of a landed file. Raises Unreadable with the reason where it is not this source at all."""
    records = inspect(_bytes(path))
    _require_columns(records.header, source)
    # Of two columns of one name the last counts.
    position = {name: index for index, name in enumerate(records.header)}
    extras = [name for name in position if name not in source.names]
    good = _good_rows(records)
    rows = good.select(
        *(_column(name, position) for name in source.names),
        pl.struct(pl.col(f"c{position[name]}").alias(name) for name in extras).struct.json_encode().alias("extra")
        if extras
        else pl.lit(None, pl.String).alias("extra"),
        "row_number",
    )
    ragged = _ragged_rows(records)
    if ragged.height:
        rows = pl.concat([rows, _by_position(ragged, position, source)]).sort("row_number")
    return Reading(
        rows,
        new_columns=tuple(name for name in extras if name not in KNOWN_EXTRAS),
        missing_columns=tuple(name for name in source.names if name not in position),
    )


def _column(name: str, position: dict[str, int]) -> pl.Expr:
    return (pl.col(f"c{position[name]}") if name in position else pl.lit(None, pl.String)).alias(name)


def _bytes(path: Path) -> bytes:
    data = path.read_bytes()
    if path.name.endswith(".gz"):
        try:
            return gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            raise Unreadable("not a whole gzip file; it may still be arriving") from None
    return data


def _require_columns(header: tuple[str, ...], source: Source) -> None:
    missing = [declared.name for declared in source.fields if declared.required and declared.name not in header]
    if not missing:
        return
    hints = []
    for name in missing:
        near = difflib.get_close_matches(name, [found for found in header if found not in source.names], n=1)
        hints.append(f"{name} (is it {near[0]!r}?)" if near else name)
    raise Unreadable(f"no column {', '.join(hints)} in the header, which the source {source.name} needs")


def _good_rows(records: Records) -> pl.DataFrame:
    """Records with as many fields as the header: text columns c0, c1, ... and row_number."""
    regular = ~records.ragged
    names = [f"c{index}" for index in range(len(records.header))]
    numbers = np.flatnonzero(regular) + 1
    if not len(numbers):
        frame = pl.DataFrame(schema=dict.fromkeys(names, pl.String()))
    else:
        frame = pl.read_csv(
            _lines(records, regular),
            has_header=False,
            new_columns=names,
            schema=dict.fromkeys(names, pl.String()),
            empty_string_is_null=False,
        )
    if frame.height != len(numbers):
        raise LakeUnavailable(
            f"A file of {len(numbers)} records was parsed as {frame.height} rows. Nothing of it was loaded; "
            "please report it with the file's first lines."
        )
    return frame.with_columns(row_number=pl.Series(numbers, dtype=pl.Int64))


def _lines(records: Records, chosen: npt.NDArray[np.bool_]) -> bytes:
    """The bytes of the chosen records, one a line, without what lies between them."""
    if records.count and chosen.all() and (records.starts[1:] == records.ends[:-1] + 1).all():
        # One after the other already, as in nearly every file (measured: a third of the reading).
        return records.data[int(records.starts[0]) : int(records.ends[-1])]
    raw = np.append(np.frombuffer(records.data, dtype=np.uint8), np.uint8(NEWLINE))
    starts, ends = records.starts[chosen], records.ends[chosen]
    raw[ends] = NEWLINE
    edges = np.zeros(len(raw) + 1, dtype=np.int8)
    edges[starts] += 1
    edges[ends + 1] -= 1
    inside = np.cumsum(edges[:-1], dtype=np.int8).view(np.bool_)
    return raw[inside].tobytes()


def _ragged_rows(records: Records) -> pl.DataFrame:
    """Ragged records (row_number, fields, extra: the fields as a JSON array); few, or the file is past help."""
    numbers = np.flatnonzero(records.ragged)
    text = _lines(records, records.ragged).decode("utf-8")
    fields = list(csv.reader(io.StringIO(text, newline="")))
    return pl.DataFrame(
        {
            "row_number": numbers + 1,
            "fields": fields,
            "extra": [json.dumps(record, ensure_ascii=False) for record in fields],
        },
        schema={"row_number": pl.Int64(), "fields": pl.List(pl.String()), "extra": pl.String()},
    )


def _by_position(ragged: pl.DataFrame, position: dict[str, int], source: Source) -> pl.DataFrame:
    """Ragged rows in the frame's shape: values by position as far as they go."""
    declared = [
        (
            pl.col("fields").list.get(position[name], null_on_oob=True) if name in position else pl.lit(None, pl.String)
        ).alias(name)
        for name in source.names
    ]
    return ragged.select(*declared, "extra", "row_number")
