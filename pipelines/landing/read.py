"""A landed file as a frame of text, exactly as it arrived."""

import difflib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from contracts.base import Source
from contracts.errors import LakeUnavailable
from pipelines.landing.arrival import read_bytes, unpacked
from pipelines.landing.folder import LandedFile
from pipelines.landing.preflight import NEWLINE, UNLIMITED, Limits, Records, Unreadable, inspect, other_separator

# Known in any source beside the declared columns; not drift.
KNOWN_EXTRAS = ("ingested_at", "deleted", "_reasons", "_file", "_row")


@dataclass(frozen=True)
class Reading:
    """What a file holds.

    `rows`: the source's declared columns as text (null where the file lacks the column), `extra` (JSON object
    of undeclared columns; for a ragged record a JSON array of its fields) and `row_number`.
    """

    rows: pl.DataFrame
    new_columns: tuple[str, ...]  # undeclared ones
    missing_columns: tuple[str, ...]  # optional ones the file lacks


def read_landed(file: LandedFile, source: Source, limits: Limits) -> Reading:
    """The rows of a file that was found in a landing folder; its `file_hash` is then of the bytes that were parsed.

    Raises Unreadable with the reason where it is not this source at all or over the limits, StillArriving
    where it cannot be had whole and unchanged now.
    """
    return _parsed(file.name, file.read_bytes(limits), source, limits)


def read(path: Path, source: Source, limits: Limits = UNLIMITED) -> Reading:
    """The rows of a file wherever it lies. Raises as read_landed does."""
    return _parsed(path.name, read_bytes(path, None, limits), source, limits)


def _parsed(name: str, data: bytes, source: Source, limits: Limits) -> Reading:
    records = inspect(unpacked(data, limits) if name.endswith(".gz") else data, limits)
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


def _require_columns(header: tuple[str, ...], source: Source) -> None:
    missing = [declared.name for declared in source.fields if declared.required and declared.name not in header]
    if not missing:
        return
    others = {_alike(found): found for found in header if found not in source.names}
    hints = []
    for name in missing:
        near = difflib.get_close_matches(name, others, n=1)
        hints.append(f"{name} (is it {others[near[0]]!r}?)" if near else name)
    separator = other_separator(",".join(header))
    hint = f"; it is perhaps separated by {separator}: save it with commas" if separator else ""
    raise Unreadable(f"no column {', '.join(hints)} in the header, which the source {source.name} needs{hint}")


def _alike(name: str) -> str:
    """A name as it would be written here: `Order ID` and `ORDER-ID` are order_id."""
    return name.lower().replace(" ", "_").replace("-", "_")


def _good_rows(records: Records) -> pl.DataFrame:
    """Records with as many fields as the header: text columns c0, c1, ... and row_number."""
    return _parse(records, ~records.ragged, len(records.header))


def _parse(records: Records, chosen: npt.NDArray[np.bool_], width: int) -> pl.DataFrame:
    """The chosen records as text columns c0, c1, ... (null beyond a record's own fields) and row_number."""
    names = [f"c{index}" for index in range(width)]
    numbers = np.flatnonzero(chosen) + 1
    if not len(numbers):
        frame = pl.DataFrame(schema=dict.fromkeys(names, pl.String()))
    else:
        # The parser takes the width from the first line.
        lead = b"" if (records.field_counts[chosen] == width).all() else b"," * (width - 1) + b"\n"
        frame = pl.read_csv(
            lead + _lines(records, chosen),
            has_header=False,
            new_columns=names,
            schema=dict.fromkeys(names, pl.String()),
            empty_string_is_null=False,
        ).slice(1 if lead else 0)
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
    """Ragged records (row_number, fields, extra: the fields as a JSON array)."""
    frames = [pl.DataFrame(schema={"row_number": pl.Int64(), "fields": pl.List(pl.String()), "extra": pl.String()})]
    # Records of about one width at a time: a single very wide one must not widen all of them.
    magnitudes = np.where(records.ragged, np.ceil(np.log2(records.field_counts)), -1)
    for magnitude in np.unique(magnitudes[records.ragged]):
        chosen = magnitudes == magnitude
        counts = records.field_counts[chosen]
        width = int(counts.max())
        parsed = _parse(records, chosen, width).select(
            "row_number",
            pl.concat_list([f"c{index}" for index in range(width)])
            .list.head(pl.lit(pl.Series(counts)))
            .alias("fields"),
        )
        as_json = pl.struct("fields").struct.json_encode().str.strip_prefix('{"fields":').str.strip_suffix("}")
        frames.append(parsed.with_columns(as_json.alias("extra")))
    return pl.concat(frames)


def _by_position(ragged: pl.DataFrame, position: dict[str, int], source: Source) -> pl.DataFrame:
    """Ragged rows in the frame's shape: values by position as far as they go."""
    declared = [
        (
            pl.col("fields").list.get(position[name], null_on_oob=True) if name in position else pl.lit(None, pl.String)
        ).alias(name)
        for name in source.names
    ]
    return ragged.select(*declared, "extra", "row_number")
