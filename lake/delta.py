"""Delta tables on disk: the only module that touches deltalake.

Tables are only ever appended to or overwritten by date partitions. A write makes a new version;
readers go by the versions of a release, so a version no release names is invisible to them. A write
names the version it stands on and makes exactly the next one: whoever lost the table to another
writer cannot write to it.
"""

import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from secrets import token_hex
from threading import Lock
from urllib.parse import unquote

import polars as pl
import pyarrow as pa
from deltalake import ColumnProperties, CommitProperties, DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError

from contracts.base import Table
from contracts.errors import LakeUnavailable, ReleaseConflict
from lake import durable, logs
from lake.filenames import HINT, LOG

# Beyond any retention we offer, so that a log entry a release needs is never cleaned away.
LOG_RETENTION = {"delta.logRetentionDuration": "interval 3650 days"}
_BY = "written_by"  # in a log entry: the process
_COLOURS = re.compile(r"\x1b\[[\d;]*m")


def location(root: str, table: Table) -> str:
    """Where a table lies: `<lake>/<layer>/<table>`."""
    return f"{root}/{table.layer}/{table.name}"


@contextmanager
def _translated(table: Table) -> Iterator[None]:
    try:
        yield
    except (DeltaError, OSError) as error:
        said = " ".join(_COLOURS.sub("", str(error)).split())  # delta-rs says it in coloured lines
        raise LakeUnavailable(
            f"The lake table {table.full_name} cannot be read or written: {said.rstrip('.')}. "
            "Check the disk and its permissions, then run the same command again."
        ) from error


def create(root: str, table: Table) -> None:
    """Create the table, empty, as version 0; a table that is there stays as it is."""
    with _translated(table):
        if not DeltaTable.is_deltatable(location(root, table)):
            write_deltalake(
                location(root, table),
                _arrow(table.empty()),
                mode="error",
                partition_by=[table.partition] if table.partition else None,
                configuration=LOG_RETENTION,
                name=table.name,
            )


def newest_version(root: str, table: Table) -> int | None:
    """The newest version, released or not; None where there is no table."""
    with _translated(table):
        try:
            return _OPEN.newest(location(root, table)).version()
        except TableNotFoundError:
            return None


def files(root: str, table: Table, version: int) -> list[str]:
    """The Parquet files of a version, in order, as plain paths or URLs."""
    with _translated(table):
        return list(_files(location(root, table), version))


class _Open:
    """Tables as they were opened last: a version never changes, and reading a log costs 4 ms."""

    MOST = 128

    def __init__(self) -> None:
        self._tables: dict[tuple[str, int], DeltaTable] = {}  # the one used longest ago first
        self._lock = Lock()

    def at(self, folder: str, version: int) -> DeltaTable:
        return self.keep(folder, self.taken(folder, version))

    def newest(self, folder: str) -> DeltaTable:
        return self.keep(folder, DeltaTable(folder))

    def taken(self, folder: str, version: int) -> DeltaTable:
        """One to write with, which moves it to another version; `keep` it then."""
        with self._lock:
            found = self._tables.pop((folder, version), None)
        return found or DeltaTable(folder, version=version)

    def keep(self, folder: str, table: DeltaTable) -> DeltaTable:
        with self._lock:
            self._tables[folder, table.version()] = table
            if len(self._tables) > self.MOST:
                del self._tables[next(iter(self._tables))]
        return table

    def forget(self) -> None:
        with self._lock:
            self._tables.clear()


_OPEN = _Open()


@lru_cache(maxsize=1024)
def _files(folder: str, version: int) -> tuple[str, ...]:
    """Cached, because one run asks for each several times."""
    uris = _OPEN.at(folder, version).file_uris()
    # delta-rs percent-encodes; engines want the path as it is.
    return tuple(sorted(uris if "://" in folder else [unquote(uri) for uri in uris]))


def files_by_partition(root: str, table: Table, version: int) -> dict[date, list[str]]:
    """The files of a version of a partitioned table, by their date."""
    found: dict[date, list[str]] = {}
    for path in files(root, table, version):
        found.setdefault(partition_of(path, table), []).append(path)
    return found


def partition_of(path: str, table: Table) -> date:
    """The date partition a file of the table lies in."""
    return date.fromisoformat(path.rpartition(f"/{table.partition}=")[2][:10])


def statistics(root: str, table: Table, version: int) -> pl.DataFrame:
    """One row per file of a version: path (as `files` gives it), num_records, min.<column>, max.<column>."""
    with _translated(table):
        return _statistics(location(root, table), version)


@lru_cache(maxsize=256)
def _statistics(folder: str, version: int) -> pl.DataFrame:
    found = pl.DataFrame(_OPEN.at(folder, version).get_add_actions(flatten=True))
    # Relative to the table and percent-encoded twice over where a value was encoded in the name.
    paths = [f"{folder}/{path}" for path in found["path"]]
    return found.with_columns(path=pl.Series(paths, dtype=pl.String))


def scan(root: str, table: Table, version: int) -> pl.LazyFrame:
    """A polars LazyFrame over exactly the files of a version, columns in contract order."""
    return scan_files(table, files(root, table, version))


def scan_files(table: Table, paths: Sequence[str]) -> pl.LazyFrame:
    """A polars LazyFrame over some of the table's files, columns in contract order."""
    if not paths:
        return table.empty().lazy()
    schema = table.polars_schema()
    partition = {table.partition: schema[table.partition]} if table.partition else {}
    frame = pl.scan_parquet(list(paths), hive_partitioning=bool(partition), hive_schema=partition or None)
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())


def read(root: str, table: Table, version: int) -> pl.DataFrame:
    """The rows of a version, collected."""
    with _translated(table):
        return scan(root, table, version).collect()


def append(root: str, table: Table, rows: pl.DataFrame, base: int) -> int:
    """Add rows to version `base`; returns the next one. Raises ReleaseConflict where `base` is not the newest."""
    with _on_top_of(root, table, base) as current:
        write_deltalake(
            current, _arrow(rows), mode="append", writer_properties=_writer(table), commit_properties=_ours()
        )
        return current.version()


def overwrite(
    root: str, table: Table, rows: pl.DataFrame, base: int, partitions: Collection[date] | None = None
) -> int:
    """Replace the named date partitions of version `base`, or the whole table, by `rows`; returns the next version.

    Raises ReleaseConflict where `base` is not the newest version.
    """
    predicate = None
    if partitions is not None:
        days = ", ".join(f"'{day.isoformat()}'" for day in sorted(partitions))
        predicate = f"{table.partition} in ({days})"
    with _on_top_of(root, table, base) as current:
        write_deltalake(
            current,
            _arrow(rows),
            mode="overwrite",
            predicate=predicate,
            writer_properties=_writer(table),
            commit_properties=_ours(),
        )
        return current.version()


@contextmanager
def _on_top_of(root: str, table: Table, base: int) -> Iterator[DeltaTable]:
    """The table at version `base`, to be written to. Raises ReleaseConflict where a newer one is found."""
    with _translated(table):
        folder = location(root, table)
        try:
            current = _OPEN.taken(folder, base)
            yield current
            _OPEN.keep(folder, current)
        except DeltaError as error:
            newest = newest_version(root, table)
            if newest is None or newest <= base:
                raise
            raise ReleaseConflict(
                f"The lake table {table.full_name} is at version {newest}, written by another run; this run stands on "
                f"{base}. Nothing was published; run the same command again."
            ) from error


def write_changes(root: str, table: Table, rows: pl.DataFrame, base: int) -> int:
    """Make the table hold `rows`, rewriting only partitions that differ from version `base`.

    Returns the version that holds them: `base` itself where nothing differs. Raises ReleaseConflict
    where `base` is not the newest version.
    """
    new = rows.select(table.names).sort(table.order)
    old = read(root, table, base).sort(table.order)
    if new.equals(old):
        return base
    if table.partition is None or old.is_empty():
        return overwrite(root, table, new, base)
    before = old.partition_by(table.partition, as_dict=True)
    after = new.partition_by(table.partition, as_dict=True)
    changed = [
        day
        for (day,) in before.keys() | after.keys()
        if (day,) not in before or (day,) not in after or not before[(day,)].equals(after[(day,)])
    ]
    return overwrite(root, table, new.filter(pl.col(table.partition).is_in(changed)), base, changed)


def restore(root: str, table: Table, version: int, newest: int | None = None) -> int:
    """Put the table back to a released version; returns the newest version, which holds it now.

    What a dead run wrote is never built upon. With `newest`, where this process last knew it to stand, the table is
    put back from there alone, or from what this process wrote on top although it was told of an error. Raises
    ReleaseConflict where another run is writing to it.
    """
    if newest is None:
        with _translated(table):
            newest = _newest_beyond(location(root, table), version)
    else:
        newest = _written_on(root, table, newest)
    if newest == version or set(files(root, table, newest)) == set(files(root, table, version)):
        return newest
    with _on_top_of(root, table, newest) as current:
        current.restore(version, commit_properties=_ours())
        return current.version()


def _newest_beyond(folder: str, released: int) -> int:
    """The newest version; a torn checkpoint of one that is not released is no hindrance."""
    try:
        return _OPEN.newest(folder).version()
    except DeltaError:
        logs.drop_checkpoints(Path(folder) / LOG, released)
        return _OPEN.newest(folder).version()


def drop_torn(root: str, table: Table, released: int) -> None:
    """Remove what a power cut tore of the log beyond the released version, -1 where the table has none.

    It is of no release, and nobody could write on top of it. Call it under the writer's lock.
    """
    with _translated(table):
        if logs.drop_torn(Path(location(root, table)) / LOG, released):
            forget()


def _written_on(root: str, table: Table, known: int) -> int:
    """The newest version where all after the known one are of this process, else the known one."""
    with _translated(table):
        current = _OPEN.newest(location(root, table))
        if current.version() == known:
            return known
        later = current.history(current.version() - known)
    return current.version() if {entry.get(_BY) for entry in later} == {_process(os.getpid())} else known


def _ours() -> CommitProperties:
    """Exactly the next version or none, where delta-rs would go on top of another's, marked as this process's."""
    return CommitProperties(custom_metadata={_BY: _process(os.getpid())}, max_commit_retries=0)


@cache
def _process(pid: int) -> str:
    """A name of this process, which a forked one does not share."""
    return f"{pid}-{token_hex(8)}"


def fence(root: str, table: Table, newest: int) -> int:
    """Make a next version with the same rows, so that a run that still stands on `newest` cannot write."""
    return append(root, table, table.empty(), newest)


def sync(root: str, tables: Iterable[Table], before: Mapping[str, int], after: Mapping[str, int]) -> None:
    """Force what was written between two releases to disk, so that the later one survives power loss.

    Of a table that `before` does not name that is all of it, and the folders that it lies in.
    """
    if "://" in root:
        return
    around: set[Path] = set()
    for table in tables:
        first = before.get(table.full_name, -1)
        if first != after[table.full_name]:
            _sync(root, table, first, after[table.full_name])
        if first < 0:
            around |= {Path(location(root, table)).parent, Path(root)}
    for folder in sorted(around, reverse=True):
        durable.sync(folder)


def _sync(root: str, table: Table, before: int, after: int) -> None:
    """What the versions after `before` added, with the names of it."""
    folder = Path(location(root, table))
    log = folder / LOG
    known = set() if before < 0 else set(files(root, table, before))
    written = {Path(path) for path in files(root, table, after) if path not in known}
    written |= {logs.entry(log, number) for number in range(before + 1, after + 1)}
    written |= set(logs.summaries(log, before))
    for path in [*sorted(written), *sorted({path.parent for path in written} | {folder})]:
        durable.sync(path)


def checkpoint(root: str, table: Table, every: int) -> bool:
    """Sum up the log where `every` or more entries came since it last was: a reader opens a table by those alone."""
    folder = Path(location(root, table))
    log = folder / LOG
    try:
        last = int(json.loads((log / HINT).read_bytes())["version"])
    except (FileNotFoundError, ValueError):  # none, or torn: then it is made anew
        last = 0
    with _translated(table):
        current = DeltaTable(str(folder))
        if current.version() - last < every:
            return False
        current.create_checkpoint()
        for path in (*logs.summaries(log, current.version() - 1), log):
            durable.sync(path)
    return True


def forget() -> None:
    """Open every table anew: a file of a log was put back, and what was read of it before may be wrong."""
    _OPEN.forget()
    for cached in (_files, _statistics):
        cached.cache_clear()


@cache
def _writer(table: Table) -> WriterProperties:
    """No dictionary where nearly every value differs: it takes a fifth of writing bronze, a third of customers."""
    differing = {"row_hash", *(column.name for column in table.columns if column.personal)}
    # Lines in the order of their orders are smaller without one, too.
    differing.update(table.key if len(table.key) == 1 else {"order_id"} & set(table.key))
    return WriterProperties(
        compression="SNAPPY",
        write_batch_size=8192,
        column_properties={name: ColumnProperties(dictionary_enabled=False) for name in sorted(differing)},
    )


def _arrow(frame: pl.DataFrame) -> pa.Table:
    # Texts as polars holds them: copied to the older layout, a write costs a third more.
    return frame.to_arrow(compat_level=pl.CompatLevel.newest())
