"""Landed files to bronze: exactly as they arrived, once per file and content."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from contracts.base import Source
from contracts.registry import sources, tables
from contracts.settings import Settings
from lake import delta
from pipelines.landing import values
from pipelines.landing.folder import LandedFile
from pipelines.landing.read import Reading


@dataclass(frozen=True)
class Loaded:
    """A file that was read."""

    file: LandedFile
    reading: Reading


def bronze_rows(loaded: Loaded, settings: Settings, run_id: str) -> pl.DataFrame:
    """The file's rows with where they came from; all of the bronze table's columns but row_hash."""
    rows = loaded.reading.rows
    own = values.text(rows.select(pl.col("extra").str.json_path_match("$.ingested_at")).to_series())
    midnight = pl.lit(loaded.file.landing_date).cast(pl.Datetime("us"))
    arrived = values.timestamp(own, settings.timezone)
    return rows.with_columns(
        pl.lit(loaded.file.landing_date).alias("landing_date"),
        pl.when(own.is_null()).then(midnight).otherwise(arrived).alias("ingested_at"),
        pl.lit(loaded.file.name).alias("source_file"),
        pl.lit(loaded.file.file_hash).alias("file_hash"),
        pl.lit(run_id).alias("run_id"),
    )


def with_row_hashes(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add the MD5 of the values in contract order, first 16 characters; absent and empty differ."""
    values_in_order = ", ".join(f"coalesce('+' || {name}, '-')" for name in source.names)
    with duckdb.connect() as con:
        landed = con.from_arrow(rows.select(source.names).to_arrow())
        hashed = landed.project(f"left(md5(concat_ws(chr(31), {values_in_order})), 16) as row_hash").pl()
    return rows.with_columns(hashed["row_hash"]).select(source.table.names)


def ingest(root: str, files: Iterable[Loaded], settings: Settings, run_id: str, versions: dict[str, int]) -> int:
    """Append the files' rows, replacing what an earlier content of the same file name left; returns rows written.

    Updates `versions` in place for every bronze table it writes.
    """
    loaded = list(files)
    written = 0
    for name, source in sources().items():
        own = [each for each in loaded if each.file.source == name]
        if own:
            rows = with_row_hashes(pl.concat([bronze_rows(each, settings, run_id) for each in own]), source)
            written += rows.height
            versions[source.table.full_name] = _write(root, source, rows, own, versions[source.table.full_name])
    table = tables("bronze")["landed_files"]
    before = delta.read(root, table, versions[table.full_name])
    after = pl.concat([before.join(_records(loaded, run_id), on=table.key, how="anti"), _records(loaded, run_id)])
    versions[table.full_name] = delta.write_changes(root, table, after, versions[table.full_name])
    return written


def _write(root: str, source: Source, rows: pl.DataFrame, files: list[Loaded], base: int) -> int:
    table = source.table
    days = {each.file.landing_date for each in files}
    there = delta.scan(root, table, base).filter(pl.col("landing_date").is_in(days)).collect()
    if there.is_empty():
        return delta.append(root, table, rows) if rows.height else base
    names = pl.DataFrame(
        {"landing_date": [each.file.landing_date for each in files], "source_file": [each.file.name for each in files]}
    )
    kept = there.join(names, on=["landing_date", "source_file"], how="anti")
    return delta.overwrite(root, table, pl.concat([kept, rows]), days)


def _records(loaded: list[Loaded], run_id: str) -> pl.DataFrame:
    table = tables("bronze")["landed_files"]
    rows = [
        (
            each.file.landing_date,
            each.file.name,
            each.file.source,
            each.file.file_hash,
            each.file.path.stat().st_size,
            each.reading.rows.height,
            run_id,
        )
        for each in loaded
    ]
    return pl.DataFrame(rows, schema=table.polars_schema(), orient="row")


def loaded_hashes(root: str, version: int) -> dict[tuple[date, str], str]:
    """The content of each file that is in bronze: (landing date, name) to SHA-256."""
    rows = delta.read(root, tables("bronze")["landed_files"], version)
    return {(day, name): digest for day, name, digest in rows.select("landing_date", "source_file", "file_hash").rows()}
