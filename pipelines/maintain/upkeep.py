"""What `tillhouse maintain` does beside compaction, and what it would do."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts.errors import DatabaseUnavailable
from contracts.settings import Settings
from lake import release as releases
from lake.release import Release
from pipelines.maintain import compact, vacuum
from pipelines.maintain.vacuum import Usage
from serving.retention import Expired


@dataclass(frozen=True)
class Upkeep:
    """What was done, or would be."""

    worn: tuple[compact.Worn, ...]  # still to be compacted
    expired: Expired
    removed: Usage
    before: Usage
    after: Usage
    summed_up: int = 0  # tables whose log was


def keep_up(settings: Settings, expire: Callable[[], Expired], since: float) -> Upkeep:
    """Expire what is past retention and remove what nobody needs then.

    Call it under the writer's lock, with a moment, in seconds of the epoch, that nobody has written since.

    In this order, so that a stop in between leaves files without a release, never a release without files.
    """
    before = vacuum.of_lake(settings.lake)
    expired = expire()
    if expired.oldest_kept is not None:
        releases.drop_copies(settings, expired.oldest_kept)
    gone = vacuum.unneeded(settings.lake, _kept(settings, expired), since)
    removed = vacuum.usage(gone)
    vacuum.remove(gone)
    summed_up = vacuum.sum_up_logs(settings.lake)
    return Upkeep((), expired, removed, before, vacuum.of_lake(settings.lake), summed_up)


def would_do(settings: Settings, expired: Expired) -> Upkeep:
    """What it would do now, without doing it; what a run under way has written counts as unneeded."""
    kept = [release for release in _kept(settings, expired) if release.release_id >= (expired.oldest_kept or 0)]
    gone: Sequence[Path] = vacuum.unneeded(settings.lake, kept, time.time())
    removed, before = vacuum.usage(gone), vacuum.of_lake(settings.lake)
    worn = compact.find(settings.lake, kept[-1].versions) if kept else []
    after = Usage(before.files - removed.files, before.bytes - removed.bytes)
    return Upkeep(tuple(worn), expired, removed, before, after)


def _kept(settings: Settings, expired: Expired) -> list[Release]:
    """Every kept release. Raises DatabaseUnavailable where one that the database has just named is not among them."""
    found = releases.kept(settings)
    if not {release.release_id for release in found} >= set(expired.kept):
        raise DatabaseUnavailable(
            "The database no longer says which releases are kept, so no file was removed. Run the same command again."
        )
    return found
