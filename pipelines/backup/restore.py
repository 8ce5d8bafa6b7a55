"""A home made again from a backup, at any place and with any empty database.

All of it is made aside first; the home appears by one rename. Of an external database the commit comes
before, under a mark by which no home takes it for its own; the mark goes last.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from contracts.errors import ForeignDatabase, RunInProgress, UsageError
from contracts.settings import Settings
from lake import identity
from pipelines.backup import archive
from pipelines.backup.archive import Manifest
from pipelines.backup.backup import STRUCTURE, Progress
from serving import dump, embedded, postgres
from serving.postgres import translate_errors
from serving.reports import publish as reports
from serving.run_records import Records


@dataclass(frozen=True)
class _Places:
    """Where the parts of a backup are made, and where they end."""

    home: Path
    lake: Path
    aside: Path  # becomes the home
    lake_aside: Path  # becomes the lake
    database: Path  # read and removed

    @classmethod
    def of(cls, settings: Settings) -> "_Places":
        home, lake = settings.home, Path(settings.lake)
        aside = home.with_name(f".{home.name}.restoring")
        within = settings.lake_path is None
        lake_aside = aside / "lake" if within else lake.with_name(f".{lake.name}.restoring")
        return cls(home, lake, aside, lake_aside, aside / ".database")

    def of_member(self, name: str) -> Path:
        part, _, rest = name.partition("/")
        return {"home": self.aside, "lake": self.lake_aside, "database": self.database}[part] / rest

    @property
    def lake_apart(self) -> bool:
        return self.lake_aside.parent != self.aside


def restore(settings: Settings, file: Path, progress: Progress) -> Manifest:
    """Make the home the settings name from `file`; returns what the backup says of itself.

    Raises UnreadableBackup where the file is not whole, before anything is written; UsageError where home, lake
    or database hold something already. A restore that was killed is done again, or finished, by the next one.
    """
    if not file.is_file():
        raise UsageError(f"There is no file {file}.", "file")
    progress.part("checking every byte")
    manifest = archive.verify(file, progress.bytes)
    places = _Places.of(settings)
    if _was_committed(settings, places, manifest):
        if not _is_empty(places.home):
            _finish(settings, manifest)
            return manifest
        shutil.rmtree(places.lake)  # which came before the home
    _refuse_what_is_there(places.home, "home", "TILLHOUSE_HOME")
    if places.lake_apart:
        _refuse_what_is_there(places.lake, "lake", "TILLHOUSE_LAKE_PATH")
    with _aside(settings, places):
        progress.part("files")
        archive.extract(file, manifest, places.of_member)
        progress.part("database")
        _load(settings, places, manifest)
        shutil.rmtree(places.database)
        os.sync()
        for aside, target in ((places.lake_aside, places.lake), (places.aside, places.home)):
            if places.lake_apart or target == places.home:
                target.parent.mkdir(parents=True, exist_ok=True)
                aside.rename(target)  # onto an empty folder too
        os.sync()
    _finish(settings, manifest)
    return manifest


def _refuse_what_is_there(folder: Path, what: str, setting: str) -> None:
    if not _is_empty(folder):
        raise UsageError(
            f"The {what} {folder} is not empty, and a restore overwrites nothing. Name an empty or absent folder in "
            f"{setting}, or move that one away."
        )


def _is_empty(folder: Path) -> bool:
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


def _was_committed(settings: Settings, places: _Places, manifest: Manifest) -> bool:
    """Did a restore of this backup get as far as its renames, and not to its end?"""
    if settings.database_url is None or identity.read(str(places.lake)) != manifest.lake_id:
        return False
    with translate_errors(), postgres.engine(settings).connect() as connection:
        return dump.lake_of(connection) == dump.RESTORING + manifest.lake_id


@contextmanager
def _aside(settings: Settings, places: _Places) -> Iterator[None]:
    """Empty folders to work in, this process's alone; removed where the work fails."""
    places.aside.mkdir(parents=True, exist_ok=True)
    handle = os.open(places.aside, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunInProgress(f"Another restore to {places.home} is under way. Wait for it.") from None
        _clear(settings, places)  # of a restore that was killed
        if places.lake_apart:
            places.lake_aside.mkdir(parents=True)
        try:
            yield
        except BaseException:
            _clear(settings, places)
            places.aside.rmdir()
            raise
    finally:
        os.close(handle)


def _clear(settings: Settings, places: _Places) -> None:
    embedded.stop(_made_aside(settings, places))
    if places.lake_apart and places.lake_aside.exists():
        shutil.rmtree(places.lake_aside)
    for path in places.aside.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _made_aside(settings: Settings, places: _Places) -> Settings:
    return settings.model_copy(update={"home": places.aside})


def _load(settings: Settings, places: _Places, manifest: Manifest) -> None:
    """Fill the database: an embedded one is made with the home and moves with it, an external one bears the mark."""
    structure = dump.Structure.from_json(
        json.loads((places.database / Path(STRUCTURE).name).read_text(encoding="utf-8"))
    )
    aside = _made_aside(settings, places)
    engine = postgres.engine(aside)
    with translate_errors(), engine.begin() as connection:
        dump.load(connection, structure, lambda name: (places.database / name).open("rb"))
        if settings.database_url is not None:
            _name(connection, dump.RESTORING + manifest.lake_id)
    engine.dispose()
    if settings.database_url is None:
        embedded.stop(aside)


def _finish(settings: Settings, manifest: Manifest) -> None:
    """The mark goes, what a newer tillhouse adds comes, and the archive of reports knows its reports."""
    engine = postgres.engine(settings)
    with translate_errors(), engine.begin() as connection:
        owner = dump.lake_of(connection)
        if owner not in {manifest.lake_id, dump.RESTORING + manifest.lake_id}:
            raise ForeignDatabase(f"The database belongs to another lake by now, {owner}. Restore into an empty one.")
        _name(connection, manifest.lake_id)
    Records(engine, settings).prepare(manifest.lake_id)
    engine.dispose()
    reports.finish_pending(settings.reports, lambda _: False)


def _name(connection: sa.Connection, lake_id: str) -> None:
    connection.execute(sa.text("update lakehouse.lake set lake_id = :lake"), {"lake": lake_id})
