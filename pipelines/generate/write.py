"""Frames of numbers to landed text: ids, money, moments, and the file itself."""

import contextlib
import io
from pathlib import Path

import polars as pl

from contracts.errors import InfrastructureError, UsageError

NEVER = 1 << 60  # seconds; an event that does not happen

# A ragged row carries one of these in its last field; the file's writer turns them into too many or too few.
SURPLUS = "\x1e"
SHORT = "\x1f"


def numbered(prefix: str, column: str, width: int) -> pl.Expr:
    """`O000000012` of 12; null below 0."""
    number = pl.when(pl.col(column) >= 0).then(pl.col(column))
    return (pl.lit(prefix) + number.cast(pl.String).str.zfill(width)).alias(column)


def money(column: str) -> pl.Expr:
    """`19.90` of 1990 cents, exactly; null below 0."""
    cents = pl.when(pl.col(column) >= 0).then(pl.col(column))
    return (cents.cast(pl.Decimal(18, 2)) / 100).cast(pl.String).alias(column)


def moment(column: str) -> pl.Expr:
    """`2024-01-28T12:58:59` of seconds of the epoch; null stays null."""
    return (pl.col(column) * 1_000).cast(pl.Datetime("ms")).dt.strftime("%Y-%m-%dT%H:%M:%S").alias(column)


def as_csv(frame: pl.DataFrame) -> bytes:
    """A landed file of a frame of text and whole numbers."""
    buffer = io.BytesIO()
    frame.write_csv(buffer)
    content = buffer.getvalue()
    if SURPLUS.encode() in content or SHORT.encode() in content:
        content = content.replace(b"," + SHORT.encode(), b"").replace(SURPLUS.encode(), b",")
    return content


def write_file(target: Path, content: bytes) -> None:
    """Write the file and its folder; a reader never sees half of it.

    Raises InfrastructureError where the disk refuses.
    """
    unfinished = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise InfrastructureError(f"{target} cannot be written: {error.strerror}. Free or mend the disk.") from error


def require_same(target: Path, content: bytes) -> None:
    """Raises UsageError where the file is there with other bytes, InfrastructureError where it cannot be read."""
    try:
        if target.read_bytes() == content:
            return
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise InfrastructureError(f"{target} cannot be read: {error.strerror}. Mend or move it.") from error
    raise UsageError(
        f"{target} is there already and holds other rows; nothing was written. Choose a start after what has landed "
        "or another home, or pass --force to overwrite it.",
        "force",
    )
