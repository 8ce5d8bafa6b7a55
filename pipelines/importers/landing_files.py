"""Writes a source's rows into landing folders, one CSV a day."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl

from contracts.base import Source
from contracts.errors import InfrastructureError, QueryError

LANDING_DATE = "landing_date"
_MAY_STAND_IN_ANY_SOURCE = ("ingested_at", "deleted")


def require_columns(rows: pl.DataFrame, source: Source, mapping: str) -> None:
    """Refuse rows that are not the source's. Raises QueryError naming the SELECT and what it lacks."""
    needed = {LANDING_DATE, *(declared.name for declared in source.fields if declared.required)}
    allowed = {LANDING_DATE, *source.names, *_MAY_STAND_IN_ANY_SOURCE}
    missing, unknown = sorted(needed - set(rows.columns)), sorted(set(rows.columns) - allowed)
    where = f"{source.name}.sql of the mapping {mapping}"
    if missing or unknown:
        problem = f"lacks {', '.join(missing)}" if missing else f"yields {', '.join(unknown)}, unknown to the source"
        raise QueryError(f"{where} {problem}. It yields {LANDING_DATE} and columns of {', '.join(source.names)}.")
    if rows.schema[LANDING_DATE] != pl.Date() or rows[LANDING_DATE].null_count():
        raise QueryError(f"{where} yields a {LANDING_DATE} that is no date, or null. Cast it to DATE and never null.")


def files_by_day(rows: pl.DataFrame, source: Source) -> Iterator[tuple[date, bytes]]:
    """A day and its CSV, in order; records in the order of the key, columns in the contract's."""
    columns = [name for name in (*source.names, *_MAY_STAND_IN_ANY_SOURCE) if name in rows.columns]
    ordered = rows.select(LANDING_DATE, *columns).sort(LANDING_DATE, *source.key, *columns)
    for (day,), group in ordered.partition_by(
        LANDING_DATE, as_dict=True, include_key=False, maintain_order=True
    ).items():
        yield day, as_csv(group)


def header_only(source: Source) -> bytes:
    """A file of the source without a record."""
    return (",".join(source.names) + "\n").encode()


def as_csv(rows: pl.DataFrame) -> bytes:
    """The rows as CSV: LF, quoted where needed, null empty, times to the second or finer where they are."""
    return (
        rows.with_columns(pl.col(pl.Datetime).dt.to_string("%Y-%m-%d %H:%M:%S%.f").str.strip_suffix(".000000"))
        .write_csv()
        .encode()
    )


def replace_file(path: Path, content: bytes) -> bool:
    """Write the file whole or not at all; a file with this very content stays untouched. Was it written?"""
    try:
        if path.is_file() and path.read_bytes() == content:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        # A name landing ignores, should we be killed before the rename.
        unfinished = path.with_name(f".{path.name}.unfinished")
        with unfinished.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise InfrastructureError(
            f"{path} cannot be written: {error.strerror}. Check the disk and its permissions, then import again."
        ) from error
    return True
