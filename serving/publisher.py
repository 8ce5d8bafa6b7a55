"""A release shown everywhere: Postgres and the reports, written before one commit and shown after it."""

from dataclasses import dataclass

import sqlalchemy as sa

from contracts.settings import Settings
from lake.release import Release
from serving.publish import publish
from serving.reports import publish as reports


@dataclass(frozen=True)
class Publisher:
    """Publishes the releases of one home."""

    engine: sa.Engine
    settings: Settings

    def recover(self, base: Release | None) -> None:
        """Show the reports of a release whose run died after its commit; drop those never committed."""
        newest = base.release_id if base else 0
        reports.finish_pending(self.settings.reports, lambda release_id: release_id <= newest)

    def publish(self, base: Release | None, release: Release) -> tuple[int, int]:
        """Bring `serving` and the reports to the release; returns rows staged and rows written.

        Raises ReleaseConflict where another run released since `base`; then nothing has changed.
        """

        def write_report(connection: sa.Connection) -> None:
            reports.write_pending(connection, self.settings.reports, release.release_id)

        done = publish(self.engine, self.settings.lake, base, release, write_report)
        reports.show(self.settings.reports, release.release_id, release.as_of)
        return done
