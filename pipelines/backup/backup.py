"""A home as one file, as of the release in force when it begins.

It pins that release: runs go on meanwhile, and what they write is not in it. Maintenance waits, because it
removes files. The database is copied in one snapshot, which also says which releases there are.
"""

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from contracts.errors import LakeUnavailable, NotFound, UsageError
from contracts.settings import FILE_NAME, Settings
from lake import durable, identity
from pipelines.backup import archive, contents
from pipelines.backup.archive import Manifest, Writer
from pipelines.backup.contents import Kept
from serving import dump, lock
from serving.postgres import snapshot, translate_errors

STRUCTURE = "database/structure.json"


@dataclass(frozen=True)
class Progress:
    """Whom to tell."""

    part: Callable[[str], None]  # a part begins
    bytes: Callable[[int], None]  # so many more are done


@dataclass(frozen=True)
class BackedUp:
    """What was written."""

    manifest: Manifest
    bytes: int  # of the file
    vanished: tuple[str, ...]  # files that were gone when their turn came


def back_up(settings: Settings, engine: sa.Engine, file: Path, progress: Progress) -> BackedUp:
    """Write the home to `file`, readable by its owner alone, whole or not at all.

    Raises UsageError where the file is there already or its name ends otherwise, NotFound before the first
    release, LakeUnavailable where a file of the lake is missing.
    """
    compression = archive.compression_of(file)
    if file.exists():
        raise UsageError(f"{file} is there already. Name another file, or move that one away.", "file")
    if not file.parent.is_dir():
        raise UsageError(f"{file.parent} is no folder. Make it, or name a file elsewhere.", "file")
    with lock.keeping(engine, wait=True, says=progress.part):
        for left in file.parent.glob(f".{file.name}.*.part"):
            shutil.rmtree(left)  # of a backup that was killed
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}.", suffix=".part") as place:
            return _write(settings, engine, file, Path(place), compression, progress)


def _write(
    settings: Settings, engine: sa.Engine, file: Path, place: Path, compression: str, progress: Progress
) -> BackedUp:
    progress.part("database")
    structure, kept = _dump(engine, place)
    lake_id = identity.required(settings)
    draft = place / file.name
    vanished: list[str] = []

    def add(part: str, files: Iterable[tuple[str, Path]], *, all_needed: bool = False) -> None:
        progress.part(part)
        gone = [name for name, path in files if not writer.add(name, path)]
        if gone and all_needed:
            raise LakeUnavailable(f"{gone[0]} vanished while it was backed up. Nothing was written; try again.")
        vanished.extend(gone)

    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        with archive.writing(handle, compression, progress.bytes) as writer:
            add("lake", contents.lake_files(settings.lake, kept), all_needed=True)
            for name in ("landing", "rejected", "logs"):
                add(name, contents.folder_files(settings, name))
            add("reports", contents.reports(settings, kept))
            _add_settings(writer, settings)
            writer.add_bytes(STRUCTURE, json.dumps(structure.as_json(), indent=1).encode())
            tables = ((f"database/{table.file}", place / table.file) for table in structure.tables)
            add("tables", tables, all_needed=True)
            newest = kept[-1]
            manifest = archive.finish(
                writer,
                newest.release_id,
                newest.as_of.isoformat(),
                datetime.now(UTC).isoformat(timespec="seconds"),
                lake_id,
            )
        handle.flush()
        os.fsync(handle.fileno())
    size = draft.stat().st_size
    draft.rename(file)
    durable.sync(file.parent)
    return BackedUp(manifest, size, tuple(vanished))


def _dump(engine: sa.Engine, place: Path) -> tuple[dump.Structure, list[Kept]]:
    """The database and its releases in one snapshot."""
    with translate_errors(), snapshot(engine) as connection:
        kept = []
        if connection.scalar(sa.text("select to_regclass('lakehouse.releases')")) is not None:
            rows = connection.execute(
                sa.text("select release_id, as_of, versions from lakehouse.releases order by release_id")
            )
            kept = [Kept(*row) for row in rows]
        if not kept:
            raise NotFound("Nothing is released yet, so there is nothing to back up. Run `tillhouse pipeline` first.")
        return dump.dump(connection, place), kept


def _add_settings(writer: Writer, settings: Settings) -> None:
    text = contents.settings_file(settings)
    if text is not None:
        # It may hold passwords: as closed as it is in the home.
        writer.add_bytes(f"home/{FILE_NAME}", text, stat.S_IMODE((settings.home / FILE_NAME).stat().st_mode))
    writer.add(f"home/{contents.API_KEYS}", settings.home / contents.API_KEYS)
