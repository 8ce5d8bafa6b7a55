"""`tillhouse publish`: what is served is made exactly the release in force again."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from contracts.errors import NotFound
from contracts.settings import Settings
from pipelines import console
from pipelines.commands import writer


def command(settings: Callable[[], Settings]) -> Callable[[], None]:
    """The command, given how settings are found."""

    def publish() -> None:
        """Gold of the release to Postgres again: rewrites only what differs, whoever edited it."""
        _publish(settings())

    return publish


def _publish(settings: Settings) -> None:
    from lake import identity
    from pipelines.turn import Ended, new_run_id, turn

    now = datetime.now(UTC)
    ended = Ended(new_run_id(now))
    with writer.opened(settings) as (records, publisher):
        records.prepare(identity.of(settings))
        begun = time.monotonic()
        with turn(settings, records, publisher, "publish", now, ended, wait=True) as (release, _):
            if release is None:
                raise NotFound(f"Nothing is released yet in {settings.home}. Run `tillhouse pipeline --all` first.")
            compared, written = publisher.mend(release, ended.run_id)
            ended.release = release
            ended.message = f"{written:,} rows rewritten"
            step = {"name": "publish", "rows_in": compared, "rows_out": written, "quarantined": 0}
            seconds = time.monotonic() - begun
            records.steps([{"run_id": ended.run_id, "position": 1, "seconds": seconds, **step}])
    console.say(
        f"Release {release.release_id}, as of {release.as_of}, is served: {compared:,} rows compared, "
        f"{written:,} rewritten."
    )
