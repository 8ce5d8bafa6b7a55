"""Quarantined rows as CSVs to mend and to drop into landing again."""

import os
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from contracts.base import Source
from contracts.errors import UsageError
from contracts.registry import sources
from contracts.settings import Settings
from pipelines.landing import values
from pipelines.quarantine import fields

MARKS = ("_reasons", "_file", "_row")


def by_source(settings: Settings, rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Rows of the quarantine as the files they came from, a frame of text for each source that has any.

    Columns: the declared ones, undeclared ones, `ingested_at`, and `_reasons` (codes with blanks between
    them), `_file` (`<landing_date>/<source_file>`) and `_row`, by which a mended row is known.
    """
    found = rows.partition_by("source", as_dict=True, maintain_order=True)
    return {str(name): _of_source(settings, sources()[str(name)], own) for (name,), own in found.items()}


def _of_source(settings: Settings, source: Source, rows: pl.DataFrame) -> pl.DataFrame:
    texts = fields.of_source(settings, source, rows)
    extras = [name for name in texts.columns if name not in (*source.names, "ingested_at", *MARKS)]
    # Mended weeks later the row keeps its age, so that it does not overtake newer good rows of its key.
    own = values.text(texts["ingested_at"]) if "ingested_at" in texts.columns else pl.lit(None, pl.String)
    return texts.select(
        *source.names,
        *extras,
        pl.coalesce(own, rows["landing_date"].dt.strftime("%Y-%m-%dT00:00:00")).alias("ingested_at"),
        rows["reasons"].list.join(" ").alias("_reasons"),
        rows.select(pl.format("{}/{}", "landing_date", "source_file").alias("_file")).to_series(),
        rows["row_number"].cast(pl.String).alias("_row"),
    )


def text(frame: pl.DataFrame) -> bytes:
    """The CSV; an absent value and an empty one are both an empty field."""
    empty = pl.col(pl.String)
    return frame.with_columns(pl.when(empty != "").then(empty)).write_csv().encode()


def write(frames: Mapping[str, pl.DataFrame], to: Path, *, force: bool) -> list[Path]:
    """Write `<source>_fixed.csv` for each source into the folder `to`, or the one source there is into the file `to`.

    A file appears whole or not at all. Raises UsageError where one is there already, unless `force`.
    """
    is_file = to.name.endswith(".csv") and not to.is_dir()
    if is_file and len(frames) > 1:
        raise UsageError(
            f"{to} is one file, and rows of {', '.join(sorted(frames))} are to be written. Name a folder, "
            "or one of them with --source.",
            "to",
        )
    paths = {name: to if is_file else to / f"{name}_fixed.csv" for name in frames}
    there = [str(path) for path in paths.values() if path.exists()]
    if there and not force:
        raise _is_there(there)
    for name, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, text(frames[name]), force=force)
    return list(paths.values())


def _write(path: Path, content: bytes, *, force: bool) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if force:
            temporary.replace(path)
        else:
            path.hardlink_to(temporary)  # unlike a renaming, never overwrites
    except FileExistsError:
        raise _is_there([str(path)]) from None
    finally:
        temporary.unlink(missing_ok=True)


def _is_there(paths: list[str]) -> UsageError:
    return UsageError(f"{', '.join(paths)} is there already. Name another place, or overwrite it with --force.", "to")
