"""Rows of bronze found again: in landing where it holds the same bytes, else in an older file that holds them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from contracts.base import Source, Table
from contracts.registry import tables
from contracts.settings import Settings
from lake import delta, durable
from lake.release import Release
from pipelines.bronze.ingest import bronze_rows, with_row_hashes
from pipelines.fsck.finding import Finding
from pipelines.fsck.home import Home
from pipelines.landing.arrival import StillArriving
from pipelines.landing.folder import LandedFile
from pipelines.landing.preflight import Limits, Unreadable
from pipelines.landing.read import read_landed

PLACE = ["landing_date", "source_file", "file_hash"]


@dataclass(frozen=True)
class Again:
    """What the partitions of damaged files should hold."""

    files: list[str]  # the damaged ones
    days: set[date]  # their partitions
    good: pl.DataFrame  # the rows of these partitions that are whole
    lost: pl.DataFrame  # the others, found again
    missing: list[tuple[str, str]]  # landed files whose rows are nowhere, with their hash


def rows(
    home: Home,
    base: Release,
    source: Source,
    damaged: list[str],
    found: list[Finding],
    settings: Settings,
    landed_version: int,
) -> Again:
    """The rows of the partitions in which files are damaged, or landed files are short of rows."""
    table, root = source.table, home.settings.lake
    folder = home.folder(table)
    files = delta.files_by_partition(root, table, base.versions[table.full_name])
    days = {day for day, paths in files.items() if any(below(folder, path) in damaged for path in paths)}
    days |= {
        date.fromisoformat(label[:10])
        for each in found
        if each.table == table.full_name and each.check == "landed_files"
        for label in each.rows
    }
    whole = [path for day in days for path in files.get(day, []) if below(folder, path) not in damaged]
    there = read_files(table, whole)
    landed = (
        delta.read(root, tables("bronze")["landed_files"], landed_version)
        .filter((pl.col("source") == source.name) & pl.col("landing_date").is_in(list(days)) & (pl.col("rows") > 0))
        .sort("landing_date", "source_file")
    )
    counted = there.group_by(PLACE).len("there")
    short = landed.join(counted, on=PLACE, how="left", maintain_order="left").filter(
        pl.col("there").fill_null(0) != pl.col("rows")
    )
    good = there.join(landed, on=PLACE, how="semi").join(short, on=PLACE, how="anti")
    again, missing = [], []
    for row in short.to_dicts():
        one = _from_landing(home, source, row, settings)
        if one is None:
            one = _from_older(home, table, row, set(damaged))
        if one is None:
            missing.append((f"{row['landing_date']}/{row['source_file']}", str(row["file_hash"])))
        else:
            again.append(one)
    return Again(damaged, days, good, pl.concat([table.empty(), *again]), missing)


def _from_landing(home: Home, source: Source, row: dict[str, object], settings: Settings) -> pl.DataFrame | None:
    day, name = row["landing_date"], str(row["source_file"])
    path = home.settings.landing / str(day) / name
    if durable.sha256(path) != row["file_hash"]:
        return None
    file = LandedFile(path, date.fromisoformat(str(day)), source.name)
    try:
        reading = read_landed(file, source, Limits.of(settings))
    except (StillArriving, Unreadable):
        return None
    return with_row_hashes(bronze_rows(file, reading, settings, str(row["run_id"])), source)


def _from_older(home: Home, table: Table, row: dict[str, object], damaged: set[str]) -> pl.DataFrame | None:
    """From a file of another version in the same partition whose bytes are as they were released."""
    folder = home.folder(table)
    for (name, path), digest in home.known_hashes[0].items():
        in_partition = f"{table.partition}={row['landing_date']}/" in path
        if name != table.full_name or path in damaged or not in_partition:
            continue
        if durable.sha256(folder / path) == digest:
            found = read_files(table, [str(folder / path)]).filter(
                (pl.col("source_file") == row["source_file"]) & (pl.col("file_hash") == row["file_hash"])
            )
            if found.height == row["rows"]:
                return found
    return None


def read_files(table: Table, paths: list[str]) -> pl.DataFrame:
    """The rows of some files of a table."""
    if not paths:
        return table.empty()
    schema = table.polars_schema()
    hive = {table.partition: schema[table.partition]} if table.partition else None
    frame = pl.scan_parquet(sorted(paths), hive_partitioning=hive is not None, hive_schema=hive)
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items()).collect()


def below(folder: Path, path: str) -> str:
    """A file's path below its table's folder."""
    return path.removeprefix(f"{folder.as_posix()}/")
