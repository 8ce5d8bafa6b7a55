"""A release and its publication: one transaction, so that lake readers, API and reports change together.

Only partitions whose files changed are staged, and of those only rows that differ are rewritten; a
replaced row moves to `serving_history`. Readers keep their snapshot and are never blocked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
import sqlalchemy as sa

from contracts.base import Table
from contracts.errors import DatabaseUnavailable, ReleaseConflict
from contracts.settings import Settings
from lake import delta
from lake.release import Release
from serving import ddl
from serving.copy import replace_rows
from serving.postgres import translate_errors
from serving.reports import publish as reports


@dataclass(frozen=True)
class Publisher:
    """Publishes the releases of one home: Postgres and the reports."""

    engine: sa.Engine
    settings: Settings

    def recover(self, base: Release | None) -> None:
        """Show the report of a release whose run died after its commit; drop those never committed."""
        newest = base.release_id if base else 0
        reports.finish_pending(self.settings.reports, lambda release_id: release_id <= newest)

    def publish(self, base: Release | None, release: Release) -> tuple[int, int]:
        """Bring `serving` to the release and write its report aside; returns rows staged and rows written."""

        def finish(connection: sa.Connection) -> None:
            _forget(connection, release, self.settings.retention_days)
            reports.write_pending(connection, self.settings.reports, release.release_id)

        return publish(self.engine, self.settings.lake, base, release, finish)

    def show(self, release: Release) -> None:
        """Show the report of a release that is committed."""
        reports.show(self.settings.reports, release.release_id, release.as_of)


def publish(
    engine: sa.Engine,
    root: str,
    base: Release | None,
    release: Release,
    before_commit: Callable[[sa.Connection], None],
) -> tuple[int, int]:
    """Write the release and bring `serving` to it, or change nothing; returns rows staged and rows written.

    Raises ReleaseConflict where another run released since `base`: the release is compare-and-set.
    """
    try:
        with translate_errors(), engine.begin() as connection:
            counts = _publish(connection, root, base, release)
            before_commit(connection)
    except DatabaseUnavailable:
        # The answer to a commit may be lost on the way; what happened is asked before anything is done again.
        if not _is_released(engine, release):
            raise
    return counts


def _is_released(engine: sa.Engine, release: Release) -> bool:
    with translate_errors(), engine.connect() as connection:
        run_id = connection.scalar(
            sa.text("select run_id from lakehouse.releases where release_id = :id"), {"id": release.release_id}
        )
    return bool(run_id == release.run_id)


def _publish(connection: sa.Connection, root: str, base: Release | None, release: Release) -> tuple[int, int]:
    """Write the release and bring the served tables to it; returns rows staged and rows written."""
    # Of two publishers the second waits here, and then sees the first one's release. Readers do not wait.
    connection.execute(sa.text("lock table lakehouse.releases in share row exclusive mode"))
    newest = connection.scalar(sa.text("select max(release_id) from lakehouse.releases"))
    if newest != (base.release_id if base else None):
        raise ReleaseConflict(
            f"Release {newest} was published while this run was working from "
            f"{base.release_id if base else 'none'}. Nothing was published; run the same command again."
        )
    connection.execute(
        sa.text(
            "insert into lakehouse.releases values"
            " (:id, :run, :as_of, :created, cast(:settings as jsonb), cast(:versions as jsonb))"
        ).bindparams(sa.bindparam("settings", type_=sa.JSON), sa.bindparam("versions", type_=sa.JSON)),
        {
            "id": release.release_id,
            "run": release.run_id,
            "as_of": release.as_of,
            "created": release.created_at,
            "settings": release.settings,
            "versions": release.versions,
        },
    )
    schema, is_new = ddl.migrate(connection)
    staged = written = 0
    for table in ddl.served_tables():
        rows = _changed_rows(root, table, None if is_new else base, release)
        if rows is not None:
            frame, days = rows
            staged += frame.height
            written += replace_rows(connection, schema, table, frame, days, release.release_id)
    return staged, written


def _forget(connection: sa.Connection, release: Release, retention_days: int) -> None:
    """Drop replaced rows that no release within retention holds."""
    oldest = connection.scalar(
        sa.text("select min(release_id) from lakehouse.releases where created_at >= :since"),
        {"since": release.created_at - timedelta(days=retention_days)},
    )
    for table in ddl.served_tables():
        connection.execute(
            sa.text(f'delete from {ddl.HISTORY}."{table.name}" where to_release <= :oldest'), {"oldest": oldest}
        )


def _changed_rows(
    root: str, table: Table, base: Release | None, release: Release
) -> tuple[pl.DataFrame, list[date] | None] | None:
    """The rows of the partitions that differ from `base`, and these partitions; None where nothing differs.

    Where the partitions are None the rows are the whole table.
    """
    after = release.versions[table.full_name]
    rows = delta.scan(root, table, after)
    if base is None or table.full_name not in base.versions:
        return rows.collect(), None
    before = base.versions[table.full_name]
    if before == after:
        return None
    changed = delta.changed_partitions(root, table, before, after)
    if changed is None:
        return rows.collect(), None
    days = sorted(changed)
    return rows.filter(pl.col(str(table.partition)).is_in(days)).collect(), days
