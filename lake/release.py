"""Which versions make up a release: read from Postgres, or from the lake's own copy where none answers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from operator import index
from pathlib import Path
from typing import Any, SupportsIndex

import psycopg2
import structlog
from psycopg2 import extensions

from contracts.database import beside, libpq_url
from contracts.errors import NotFound, PastRetention, UsageError
from contracts.settings import Settings

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT_S = 3
RELEASES = "_releases"
_NO_ID = 2**63  # ids are smaller
_COLUMNS = "release_id, run_id, as_of, created_at, settings, versions"


@dataclass(frozen=True)
class Release:
    """One row of `lakehouse.releases`: the state of everything a reader may see."""

    release_id: int
    run_id: str
    as_of: date  # the greatest landing date loaded
    created_at: datetime
    settings: dict[str, Any]  # the settings that made the figures
    versions: dict[str, int]  # lake table, `gold.fct_orders`, to its Delta version


@contextmanager
def database(settings: Settings) -> Iterator[extensions.connection | None]:
    """A connection to the database if one answers, else None; starts no server.

    Raises SettingsError where TILLHOUSE_DATABASE_URL is no URL of a Postgres.
    """
    connection = None
    try:
        url = libpq_url(settings.database_url or settings.address_file.read_text(encoding="utf-8").strip())
        connection = psycopg2.connect(url, **beside(url, connect_timeout=CONNECT_TIMEOUT_S))
    except (FileNotFoundError, psycopg2.OperationalError):
        yield None
        return
    try:
        connection.set_session(readonly=True)
        yield connection
    finally:
        connection.close()


def next_id(base: Release | None) -> int:
    """The id of the release that follows `base`; of the first one 1."""
    return base.release_id + 1 if base else 1


def pinned(settings: Settings, at_release: int | None) -> Release:
    """The release in force, or the one of a number. Raises NotFound where there is none, and what `at` raises."""
    release = current(settings) if at_release is None else at(settings, at_release)
    if release is None:
        raise NotFound(
            f"Nothing is released yet in {settings.home}. Run `tillhouse pipeline --all` (or `tillhouse demo`) first."
        )
    return release


def current(settings: Settings) -> Release | None:
    """The release in force; None before the first.

    With no database answering, the newest copy in the lake, and a warning that says so.
    """
    with database(settings) as connection:
        if connection is None:
            found = _newest_file(settings)
            if found is not None:
                log.warning(
                    "no database answers; reading the newest release the lake knows of", release=found.release_id
                )
            return found
        return _from_database(connection, "order by release_id desc limit 1", ())


def at(settings: Settings, release_id: int) -> Release:
    """A release by its number.

    Raises UsageError for what is no number, NotFound where there never was one, PastRetention where it is kept no more.
    """
    release_id = _number(release_id)
    with database(settings) as connection:
        if connection is None:
            found = _from_file(copy_path(settings, release_id))
            oldest = min(copied(settings), default=None)
        else:
            found = _from_database(connection, "where release_id = %s", (release_id,))
            first = _from_database(connection, "order by release_id limit 1", ())
            oldest = first.release_id if first else None
    if found is None and oldest is not None and 1 <= release_id < oldest:
        raise PastRetention(
            f"Release {release_id} is past retention: {oldest} is the oldest one kept. A release is kept for "
            f"{settings.retention_days} days after another replaced it (setting retention_days)."
        )
    if found is None:
        raise NotFound(f"There is no release {release_id}. `tillhouse status` names the one in force.")
    return found


def _number(given: SupportsIndex) -> int:
    try:
        number = index(given)  # also of numpy's whole numbers
    except TypeError:
        raise UsageError(
            f"{given!r} is no release: `at` is a release number, such as 3; quality.runs and `tillhouse status` name "
            "them.",
            "at",
        ) from None
    if not 0 <= number < _NO_ID:
        raise NotFound(f"There is no release {number}. `tillhouse status` names the one in force.")
    return number


def kept(settings: Settings) -> list[Release]:
    """Every release somebody may still read, by the database or by a copy, in order."""
    with database(settings) as connection:
        there = [] if connection is None else _all_from_database(connection)
    ids = {release.release_id for release in there}
    copies = [_from_file(copy_path(settings, number)) for number in copied(settings) if number not in ids]
    return sorted([*there, *(copy for copy in copies if copy is not None)], key=lambda release: release.release_id)


def drop_copies(settings: Settings, oldest: int) -> None:
    """Remove the copies of releases before `oldest`."""
    for number in copied(settings):
        if number < oldest:
            copy_path(settings, number).unlink(missing_ok=True)


def has_copy(settings: Settings, release: Release) -> bool:
    """Is the release written beside the lake, as the database has it."""
    return _from_file(copy_path(settings, release.release_id)) == release


def copy_path(settings: Settings, release_id: int) -> Path:
    """Where a release is written beside the lake."""
    return _folder(settings) / f"{release_id}.json"


def copied(settings: Settings) -> list[int]:
    """The ids of the releases written beside the lake, in order."""
    return sorted(int(path.stem) for path in _folder(settings).glob("[0-9]*.json"))


def _folder(settings: Settings) -> Path:
    return Path(settings.lake) / RELEASES


def _from_database(connection: extensions.connection, clause: str, parameters: tuple[object, ...]) -> Release | None:
    return next(iter(_all_from_database(connection, clause, parameters)), None)


def _all_from_database(
    connection: extensions.connection, clause: str = "order by release_id", parameters: tuple[object, ...] = ()
) -> list[Release]:
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('lakehouse.releases')")
        there = cursor.fetchone()
        if there is None or there[0] is None:
            return []
        cursor.execute(f"select {_COLUMNS} from lakehouse.releases {clause}", parameters)
        return [Release(*row) for row in cursor.fetchall()]


def _newest_file(settings: Settings) -> Release | None:
    numbers = copied(settings)
    return _from_file(copy_path(settings, numbers[-1])) if numbers else None


def _from_file(path: Path) -> Release | None:
    if not path.exists():
        return None
    return from_body(json.loads(path.read_text(encoding="utf-8")))


def from_body(body: dict[str, Any]) -> Release:
    """The release that a copy holds."""
    return Release(
        release_id=body["release_id"],
        run_id=body["run_id"],
        as_of=date.fromisoformat(body["as_of"]),
        created_at=datetime.fromisoformat(body["created_at"]),
        settings=body["settings"],
        versions=body["versions"],
    )
