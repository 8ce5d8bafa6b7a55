"""A writer's turn: the lock, the record, and the lake as released; both are put in order however it ends."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex

import structlog

from contracts.errors import InfrastructureError, ReleaseConflict, RunInProgress, TillhouseError
from contracts.registry import lake_tables
from contracts.settings import Settings
from lake import copies, delta
from lake import release as releases
from lake.release import Release
from pipelines.ports import Publisher, Records

log = structlog.get_logger(__name__)


@dataclass
class Ended:
    """What a turn came to, as its record says it."""

    run_id: str
    status: str = "nothing_new"  # or released
    release: Release | None = None
    message: str | None = None


def new_run_id(now: datetime) -> str:
    """`20240102T030405-1a2b3c`, after the time it began."""
    return f"{now:%Y%m%dT%H%M%S}-{token_hex(3)}"


@contextmanager
def turn(
    settings: Settings, records: Records, publisher: Publisher, command: str, now: datetime, ended: Ended, *, wait: bool
) -> Iterator[tuple[Release | None, dict[str, int]]]:
    """The release in force, and where each lake table stands on it; versions written are put into the latter.

    What `ended` says when the block is left is recorded. Where it is left by an error before a release, the
    lake is put back. Raises RunInProgress where another run holds the lock and `wait` is false.
    """
    with records.writing(wait=wait):
        took_over = records.start(ended.run_id, command, now)
        base = releases.current(settings)
        versions: dict[str, int] = {}
        try:
            _restore(settings, base, versions, fence=took_over)
            finish(settings, publisher, base)
            yield base, versions
        except BaseException as error:
            _stop(settings, base, versions, records, ended, error)
            raise
        _close(records, ended, ended.status, ended.message)


def finish(settings: Settings, publisher: Publisher, base: Release | None) -> None:
    """Show the report and write the copy of a release whose run died after its commit. For the one writer."""
    publisher.recover(base)
    if base is not None and not releases.has_copy(settings, base):
        copies.write(settings, base)


def finish_if_idle(settings: Settings, records: Records, publisher: Publisher) -> None:
    """The same before a command that only reads; not where somebody writes, nor where the disk cannot."""
    try:
        with records.writing(wait=False):
            finish(settings, publisher, releases.current(settings))
    except RunInProgress:
        pass
    except InfrastructureError as error:
        log.warning("what the last run left undone stays so", reason=str(error))


def released_version(base: Release | None, name: str) -> int:
    """The version of a lake table that the release names; 0, the empty one, where it names none."""
    return (base.versions if base else {}).get(name, 0)


def _close(records: Records, ended: Ended, status: str, message: str | None) -> None:
    release = ended.release
    records.finish(
        ended.run_id,
        status,
        datetime.now(UTC),
        release_id=release.release_id if release else None,
        as_of=release.as_of if release else None,
        message=message,
    )


def _restore(settings: Settings, base: Release | None, versions: dict[str, int], *, fence: bool) -> None:
    """Every table at its released version, so that nothing a dead run wrote is built upon.

    Puts into `versions` where each table stands then. `fence` shuts out a run taken for dead that is not.
    """
    known = base is not None or not releases.copied(settings)  # else only the database lost its releases
    for name, table in lake_tables().items():
        if known:
            delta.drop_torn(settings.lake, table, base.versions.get(name, -1) if base else -1)
        delta.create(settings.lake, table)
        newest = delta.restore(settings.lake, table, released_version(base, name))
        versions[name] = delta.fence(settings.lake, table, newest) if fence else newest


def _stop(
    settings: Settings,
    base: Release | None,
    versions: dict[str, int],
    records: Records,
    ended: Ended,
    error: BaseException,
) -> None:
    """Put the lake back and close the record; what cannot be done now, the next run does first.

    After the commit there is nothing to put back: the release is in force, whatever failed after it. A table
    that another run has written to since is that run's.
    """
    unforeseen = "interrupted" if isinstance(error, KeyboardInterrupt) else type(error).__name__
    message = str(error) if isinstance(error, TillhouseError) else unforeseen
    stopped = isinstance(error, TillhouseError) and error.exit_code == 1
    try:
        in_force = None if ended.release else releases.current(settings)
        if in_force is not None and in_force.run_id == ended.run_id:
            # The error (a Ctrl-C, say) came between the commit and the noting of it.
            ended.release, ended.status = in_force, "released"
        if ended.release is None:
            for name, version in versions.items():
                with suppress(ReleaseConflict):
                    delta.restore(settings.lake, lake_tables()[name], released_version(base, name), version)
        _close(records, ended, ended.status if ended.release else "stopped" if stopped else "failed", message)
    except TillhouseError as second:
        log.warning("the run could not be closed; the next run will", reason=str(second))
