"""`bronze.landed_files` again: what an older version says, brought up to what bronze and landing hold."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from contracts.base import Source, Table
from contracts.errors import LakeUnavailable, NoSuchFolder
from contracts.registry import sources, tables
from contracts.settings import Settings
from lake import delta, durable
from lake.release import Release
from pipelines.fsck.bronze_again import PLACE, below, read_files
from pipelines.fsck.home import Home
from pipelines.landing.arrival import StillArriving
from pipelines.landing.folder import read_folder
from pipelines.landing.preflight import Limits, Unreadable
from pipelines.landing.read import read_landed


def landed_files(
    home: Home, base: Release, damaged: Mapping[str, list[str]], settings: Settings
) -> tuple[pl.DataFrame, bool]:
    """The rows, and whether bronze vouches for them; `damaged` names the damaged files of each bronze table.

    Where a bronze file is damaged too, what it held is taken from landing, which may hold other files than those
    that were loaded: only the hash of the damaged file can tell then. A header-only file that the damaged
    version alone knew is loaded again by the next run.
    """
    table = tables("bronze")["landed_files"]
    older = _newest_older(home, table, set(damaged.get(table.full_name, [])))
    parts = [
        _loaded(home, base, source, damaged.get(source.table.full_name, []), older, settings)
        for source in sources().values()
    ]
    loaded = pl.concat(parts)
    empty = older.filter(pl.col("rows") == 0).join(loaded, on=["landing_date", "source_file"], how="anti")
    vouched = not any(damaged.get(source.table.full_name) for source in sources().values())
    return pl.concat([loaded, empty]).sort(table.key), vouched


def _loaded(
    home: Home, base: Release, source: Source, damaged: list[str], older: pl.DataFrame, settings: Settings
) -> pl.DataFrame:
    """The landed files of a source by its whole bronze files, and those of the days of its damaged ones by landing."""
    table, folder = source.table, home.folder(source.table)
    files = delta.files_by_partition(home.settings.lake, table, base.versions[table.full_name])
    whole = [path for paths in files.values() for path in paths if below(folder, path) not in damaged]
    days = sorted(day for day, paths in files.items() if any(below(folder, path) in damaged for path in paths))
    counted = read_files(table, whole).group_by([*PLACE, "run_id"]).agg(pl.len().cast(pl.Int64).alias("rows"))
    sizes = [_size(home, *place) for place in counted.select(PLACE).rows()]
    known = older.select(*PLACE, pl.col("file_bytes").alias("known"))
    names = tables("bronze")["landed_files"].names
    loaded = (
        counted.with_columns(pl.Series("file_bytes", sizes, dtype=pl.Int64), source=pl.lit(source.name))
        .join(known, on=PLACE, how="left")
        .with_columns(pl.coalesce("known", "file_bytes").fill_null(0).alias("file_bytes"))
        .select(names)
    )
    there = [_in_landing(home, source, day, base, settings) for day in days]
    before = older.filter((pl.col("source") == source.name) & pl.col("landing_date").is_in(days))
    for more in (before.join(pl.concat([before.clear(), *there]), on=PLACE, how="semi"), *there, before):
        loaded = pl.concat([loaded, more.join(loaded, on=["landing_date", "source_file"], how="anti")])
    return loaded


def _in_landing(home: Home, source: Source, day: date, base: Release, settings: Settings) -> pl.DataFrame:
    """The files of a source in a landing folder, as the last run would have recorded them."""
    table = tables("bronze")["landed_files"]
    rows = []
    try:
        files = read_folder(home.settings.landing, day, sources()).files
    except NoSuchFolder:
        files = ()
    for file in files:
        if file.source == source.name:
            try:
                height = read_landed(file, source, Limits.of(settings)).rows.height
            except (StillArriving, Unreadable):
                continue
            rows.append((day, file.name, source.name, file.file_hash, file.size, height, base.run_id))
    return pl.DataFrame(rows, schema=table.polars_schema(), orient="row")


def _size(home: Home, day: date, name: str, digest: str) -> int | None:
    path = home.settings.landing / day.isoformat() / name
    return path.stat().st_size if durable.sha256(path) == digest else None


def _newest_older(home: Home, table: Table, damaged: set[str]) -> pl.DataFrame:
    for release in sorted(home.kept.values(), key=lambda each: -each.release_id):
        try:
            paths = delta.files(home.settings.lake, table, release.versions.get(table.full_name, 0))
        except LakeUnavailable:
            continue
        names = [below(home.folder(table), path) for path in paths]
        known = [home.known_hashes[0].get((table.full_name, name)) for name in names]
        if paths and damaged.isdisjoint(names) and [durable.sha256(Path(path)) for path in paths] == known:
            return read_files(table, paths)
    return table.empty()
