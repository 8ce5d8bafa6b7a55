"""Files of the lake that nobody may read any more: of expired releases, and what killed runs left.

The difference of two exact sets: the Parquet files that lie there, less those that a kept release or a
table's newest version names. Only files a Delta writer names so are ever removed.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from contracts.base import Table
from contracts.errors import LakeUnavailable
from contracts.registry import lake_tables
from lake import delta
from lake.filenames import LOG, is_data
from lake.release import Release

_UNFINISHED_LOG = ("*.tmp", "*#*", "_commit_*")
CHECKPOINT_EVERY = 20  # log entries; opening a table with 100 of them takes six times as long as with none


@dataclass(frozen=True)
class Usage:
    """What files take."""

    files: int
    bytes: int

    def __str__(self) -> str:
        return f"{self.files:,} file{'' if self.files == 1 else 's'}, {self.bytes / 2**20:,.1f} MiB"


def usage(paths: Sequence[Path]) -> Usage:
    """Of these files."""
    return Usage(len(paths), sum(path.stat().st_size for path in paths))


def of_lake(root: str) -> Usage:
    """Of the whole lake, logs included."""
    return usage([path for path in Path(root).rglob("*") if path.is_file()])


def unneeded(root: str, kept: Sequence[Release], since: float) -> list[Path]:
    """The files written before `since`, seconds of the epoch, that no release of `kept` and no newest version needs.

    Call it under the writer's lock, and with the moment it was had: should another run take it over, what that
    one writes is younger. Raises LakeUnavailable where a file that is needed does not lie where it should: then
    what lies there cannot be told apart, and nothing may be removed.
    """
    found = (path for table in lake_tables().values() for path in _unneeded(root, table, kept))
    return [path for path in found if path.stat().st_mtime < since]


def _unneeded(root: str, table: Table, kept: Sequence[Release]) -> list[Path]:
    folder = Path(delta.location(root, table))
    newest = delta.newest_version(root, table)
    if newest is None:
        return []
    versions = {newest} | {release.versions[table.full_name] for release in kept if table.full_name in release.versions}
    needed = {Path(path) for version in versions for path in delta.files(root, table, version)}
    there = {path for path in folder.rglob("*.parquet*") if is_data(table, path.relative_to(folder).as_posix())}
    if missing := {path for path in needed - there if not path.exists()}:
        raise LakeUnavailable(
            f"{len(missing)} files that releases need are missing from {folder}, such as {min(missing)}. Nothing was "
            "removed. Run `tillhouse fsck` to see the damage and what can be done."
        )
    unfinished = {path for pattern in _UNFINISHED_LOG for path in (folder / LOG).glob(pattern)}
    return sorted(there - needed) + sorted(unfinished)


def remove(paths: Sequence[Path]) -> None:
    """Remove the files, and the partitions that are empty then."""
    for path in paths:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in paths}:
        if "=" in folder.name:
            with suppress(OSError):  # another file is in it
                folder.rmdir()


def sum_up_logs(root: str) -> int:
    """Write a checkpoint where a table's log has grown long; returns for how many tables."""
    return sum(delta.checkpoint(root, table, CHECKPOINT_EVERY) for table in lake_tables().values())
