"""Landed files to bronze: exactly as they arrived, once per file and content."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from contracts.base import Source
from contracts.registry import sources, tables
from contracts.settings import Settings
from lake import delta, lookup, scratch
from pipelines.landing import values
from pipelines.landing.arrival import StillArriving
from pipelines.landing.folder import LandedFile
from pipelines.landing.preflight import Limits, Unreadable
from pipelines.landing.read import Reading, read_landed

WORKERS = 2  # sources read at once: polars, DuckDB and the writer leave cores idle one at a time
TOGETHER = 256 * 2**20  # bytes of landed files held at once, a worker


@dataclass(frozen=True)
class Loaded:
    """A file that is in bronze now."""

    file: LandedFile
    rows: int
    new_columns: tuple[str, ...]  # undeclared ones
    missing_columns: tuple[str, ...]  # optional ones it lacks


@dataclass
class Ingested:
    """What became of the files of a load."""

    loaded: list[Loaded] = field(default_factory=list)
    rejected: list[tuple[LandedFile, str]] = field(default_factory=list)  # with the reason
    left: list[tuple[LandedFile, str]] = field(default_factory=list)  # for the next run, with the reason

    @property
    def places(self) -> dict[str, list[tuple[date, str]]]:
        """Landing date and name of what was loaded, by source."""
        found: dict[str, list[tuple[date, str]]] = {}
        for each in self.loaded:
            found.setdefault(str(each.file.source), []).append((each.file.landing_date, each.file.name))
        return found

    @property
    def rows(self) -> int:
        """Rows written."""
        return sum(each.rows for each in self.loaded)


def ingest(
    root: str, files: Iterable[LandedFile], settings: Settings, run_id: str, versions: dict[str, int]
) -> Ingested:
    """Append the files' rows, replacing what an earlier content of the same file name left.

    What cannot be read as its source is rejected, and the others go on. Updates `versions` in place for
    every bronze table it writes.
    """
    by_source: dict[str | None, list[LandedFile]] = {}
    for file in files:
        by_source.setdefault(file.source, []).append(file)
    nameless = f"the name begins with no source ({', '.join(sources())})"
    done = Ingested(rejected=[(file, nameless) for file in by_source.pop(None, [])])
    # The largest first, so that no worker is left alone with it at the end.
    largest_first = sorted(by_source, key=lambda name: -sum(file.size for file in by_source[name]))
    with ThreadPoolExecutor(WORKERS) as pool:
        for part in pool.map(
            lambda name: _ingest_source(root, sources()[name], by_source[name], settings, run_id, versions),
            largest_first,
        ):
            done.loaded += part.loaded
            done.rejected += part.rejected
            done.left += part.left
    done.rejected.sort(key=lambda each: each[0].label)
    table = tables("bronze")["landed_files"]
    before = delta.read(root, table, versions[table.full_name])
    records = _records(done.loaded, run_id)
    after = pl.concat([before.join(records, on=table.key, how="anti"), records])
    versions[table.full_name] = delta.write_changes(root, table, after, versions[table.full_name])
    return done


def _ingest_source(
    root: str,
    source: Source,
    files: Sequence[LandedFile],
    settings: Settings,
    run_id: str,
    versions: dict[str, int],
) -> Ingested:
    done = Ingested()
    for together in _batches(files):
        readings = []
        for file in together:
            try:
                reading = read_landed(file, source, Limits.of(settings))
            except StillArriving as reason:
                done.left.append((file, str(reason)))
                continue
            except Unreadable as reason:
                done.rejected.append((file, str(reason)))
                continue
            readings.append((file, reading))
            done.loaded.append(Loaded(file, reading.rows.height, reading.new_columns, reading.missing_columns))
        if readings:
            frames = [bronze_rows(file, reading, settings, run_id) for file, reading in readings]
            rows = with_row_hashes(pl.concat(frames), source)
            own = [file for file, _ in readings]
            versions[source.table.full_name] = _write(root, source, rows, own, versions[source.table.full_name])
    return done


def _batches(files: Sequence[LandedFile]) -> Iterator[list[LandedFile]]:
    """The files in order, as many at a time as memory should hold."""
    batch: list[LandedFile] = []
    size = 0
    for file in files:
        batch.append(file)
        size += file.size
        if size >= TOGETHER:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def bronze_rows(file: LandedFile, reading: Reading, settings: Settings, run_id: str) -> pl.DataFrame:
    """The file's rows with where they came from; all of the bronze table's columns but row_hash."""
    rows = reading.rows
    own = values.text(values.undeclared(rows, "ingested_at"))
    midnight = pl.lit(file.landing_date).cast(pl.Datetime("us"))
    arrived = values.timestamp(own, settings.timezone)
    return rows.with_columns(
        pl.lit(file.landing_date).alias("landing_date"),
        pl.when(own.is_null()).then(midnight).otherwise(arrived).alias("ingested_at"),
        pl.lit(file.name).alias("source_file"),
        pl.lit(file.file_hash).alias("file_hash"),
        pl.lit(run_id).alias("run_id"),
    )


def with_row_hashes(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add the MD5 of the values in contract order, first 16 characters; absent and empty differ."""
    with scratch.connect() as con:
        landed = con.from_arrow(rows.select(source.names).to_arrow(compat_level=pl.CompatLevel.newest()))
        hashed = landed.project(f"{row_hash(source)} as row_hash").pl()
    return rows.with_columns(hashed["row_hash"]).select(source.table.names)


def row_hash(source: Source) -> str:
    """The hash of a row of a source, in SQL."""
    # Separators no text of a shop holds: one between the values, one for an absent value.
    values_in_order = ", ".join(f"coalesce({name}, chr(30))" for name in source.names)
    return f"left(md5(concat_ws(chr(31), {values_in_order})), 16)"


def _write(root: str, source: Source, rows: pl.DataFrame, files: Sequence[LandedFile], base: int) -> int:
    table = source.table
    days = {file.landing_date for file in files}
    there = lookup.rows_on(root, table, base, days)
    if there.is_empty():
        return delta.append(root, table, rows, base) if rows.height else base
    names = pl.DataFrame(
        {"landing_date": [file.landing_date for file in files], "source_file": [file.name for file in files]}
    )
    kept = there.join(names, on=["landing_date", "source_file"], how="anti")
    return delta.overwrite(root, table, pl.concat([kept, rows]), base, days)


def _records(loaded: list[Loaded], run_id: str) -> pl.DataFrame:
    table = tables("bronze")["landed_files"]
    rows = [
        (
            each.file.landing_date,
            each.file.name,
            each.file.source,
            each.file.file_hash,
            each.file.size,
            each.rows,
            run_id,
        )
        for each in loaded
    ]
    return pl.DataFrame(rows, schema=table.polars_schema(), orient="row")


def loaded_hashes(root: str, version: int) -> dict[tuple[date, str], str]:
    """The content of each file that is in bronze: (landing date, name) to SHA-256."""
    rows = delta.read(root, tables("bronze")["landed_files"], version)
    return {(day, name): digest for day, name, digest in rows.select("landing_date", "source_file", "file_hash").rows()}
