"""A release and its publication: one transaction, so that lake readers, API and reports change together.

What differs between the release before and this one is read from the lake, and only that is rewritten; a
replaced row moves to `serving_history`. Readers keep their snapshot and are never blocked.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
import structlog

from contracts.errors import DatabaseUnavailable, ReleaseConflict
from contracts.settings import Settings
from lake import pieces
from lake.release import Release
from serving import ddl, migrate, retention
from serving.postgres import snapshot, translate_errors
from serving.reports import publish as reports
from serving.retry import Retries
from serving.rewrite import Edited, Rewriter

log = structlog.get_logger(__name__)

LOCK_TIMEOUT = "10s"
# What a bulk load sorts its indexes with; of the one transaction that publishes.
_MEMORY = "set local maintenance_work_mem = '256MB'; set local work_mem = '64MB'"


@dataclass(frozen=True)
class Publisher:
    """Publishes the releases of one home: Postgres and the reports."""

    engine: sa.Engine
    settings: Settings
    retries: Retries = field(default_factory=Retries)

    def recover(self, base: Release | None) -> None:
        """Show the report of a release whose run died after its commit; drop those never committed."""
        newest = base.release_id if base else 0
        reports.finish_pending(self.settings.reports, lambda release_id: release_id <= newest)

    def publish(self, base: Release | None, release: Release, *, whole: bool = False) -> tuple[int, int]:
        """Bring `serving` to the release and write its report aside; returns rows compared and rows written.

        `whole` compares every served row, because the files of `base` may not be readable.
        """

        def finish(connection: sa.Connection) -> None:
            retention.forget(connection, release.created_at, self.settings.retention_days)
            reports.write_pending(connection, self.settings.reports, release.release_id, self.settings.number_format)

        return publish(self.engine, self.settings.lake, base, release, finish, self.retries, whole=whole)

    def mend(self, release: Release, run_id: str) -> tuple[int, int]:
        """Make `serving` hold exactly the release in force again; returns rows compared and rows written."""
        return mend(self.engine, self.settings.lake, release, run_id, self.retries)

    def write_report(self, release: Release) -> Path:
        """Write the report of the release in force again and show it; returns its folder.

        For the one writer: nothing is released meanwhile.
        """
        with translate_errors(), snapshot(self.engine, read_only=False) as connection:
            reports.write_pending(connection, self.settings.reports, release.release_id, self.settings.number_format)
        return reports.show(self.settings.reports, release.release_id, release.as_of)

    def show(self, release: Release) -> None:
        """Show the report of a release that is committed."""
        reports.show(self.settings.reports, release.release_id, release.as_of)


def publish(
    engine: sa.Engine,
    root: str,
    base: Release | None,
    release: Release,
    before_commit: Callable[[sa.Connection], None],
    retries: Retries | None = None,
    *,
    whole: bool = False,
) -> tuple[int, int]:
    """Write the release and bring `serving` to it, or change nothing; returns rows compared and rows written.

    Done again from the beginning where it failed for a reason that passes and did not commit. Raises
    ReleaseConflict where another run released since `base`, or took this one for dead.
    """
    retries = retries or Retries()
    counts = (0, 0)

    def once() -> None:
        nonlocal counts
        try:
            with translate_errors(), engine.begin() as connection:
                connection.execute(sa.text(f"set local lock_timeout = '{LOCK_TIMEOUT}'"))
                if _is_there(connection, release):
                    return  # an attempt before this one had committed after all
                _write_release(connection, base, release)
                target = migrate.prepare(connection)
                counts = _bring_to(connection, root, target, None if whole else base, release)
                with migrate.shown_within(connection, target):
                    before_commit(connection)
                migrate.finish(connection, target)
        except DatabaseUnavailable:
            # The answer to a commit may be lost on the way; what happened is asked before anything is done again.
            if not retries.call("what became of the commit", lambda: _is_released(engine, release)):
                raise

    retries.call("publish", once)
    _tidy(engine)
    return counts


def mend(engine: sa.Engine, root: str, release: Release, run_id: str, retries: Retries) -> tuple[int, int]:
    """Make `serving` hold exactly the release in force, whoever edited it; returns rows compared and rows written.

    Raises ReleaseConflict where another run released since, or took this one for dead.
    """

    def once() -> tuple[int, int]:
        with translate_errors(), engine.begin() as connection:
            connection.execute(sa.text(f"set local lock_timeout = '{LOCK_TIMEOUT}'"))
            _check_turn(connection, release, run_id)
            target = migrate.prepare(connection)
            counts = (_fill if target.is_new else _mend)(connection, root, target, release)
            migrate.finish(connection, target)
            return counts

    counts = retries.call("publish", once)
    _tidy(engine)
    return counts


def _is_released(engine: sa.Engine, release: Release) -> bool:
    with translate_errors(), engine.begin() as connection:
        connection.execute(sa.text(f"set local lock_timeout = '{LOCK_TIMEOUT}'"))
        return _is_there(connection, release)


def _is_there(connection: sa.Connection, release: Release) -> bool:
    # The server may still be at a commit whose answer we lost; its lock is let go when that is decided.
    # Of two publishers the second waits here, and then sees the first one's release. Readers do not wait.
    connection.execute(sa.text("lock table lakehouse.releases in share row exclusive mode"))
    run_id = connection.scalar(
        sa.text("select run_id from lakehouse.releases where release_id = :id"), {"id": release.release_id}
    )
    return bool(run_id == release.run_id)


def _check_turn(connection: sa.Connection, base: Release | None, run_id: str) -> None:
    """Raises ReleaseConflict unless the release is still `base` and the run is the one that may publish."""
    connection.execute(sa.text("lock table lakehouse.releases in share row exclusive mode"))
    newest = connection.scalar(sa.text("select max(release_id) from lakehouse.releases"))
    if newest != (base.release_id if base else None):
        raise ReleaseConflict(
            f"Release {newest} was published while this run was working from "
            f"{base.release_id if base else 'none'}. Nothing was published; run the same command again."
        )
    # Held until the commit, so that nobody can take over in between.
    status = connection.scalar(
        sa.text("select status from lakehouse.runs where run_id = :run for update"), {"run": run_id}
    )
    if status != "running":
        raise ReleaseConflict(
            f"Run {run_id} lost its connection and another run has taken its place. Nothing was published; run the "
            "same command again."
        )


def _write_release(connection: sa.Connection, base: Release | None, release: Release) -> None:
    _check_turn(connection, base, release.run_id)
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


def _bring_to(
    connection: sa.Connection, root: str, target: migrate.Target, base: Release | None, release: Release
) -> tuple[int, int]:
    """Bring the served tables to the release; returns rows compared and rows written."""
    if target.is_new:
        return _fill(connection, root, target, release)
    if base is None:
        return _mend(connection, root, target, release)
    writer = Rewriter(connection, target.schema, release.release_id)
    compared, written = 0, {}
    for table in ddl.served_tables():
        before, after = base.versions[table.full_name], release.versions[table.full_name]
        if before == after:
            continue
        try:
            counts = writer.change(table, pieces.differences(root, table, before, after))
        except Edited:
            log.warning("a served table held other rows than were published to it; mended", table=table.name)
            as_before = Rewriter(connection, target.schema, base.release_id)
            as_before.mend(table, pieces.rows(root, table, before))
            counts = writer.change(table, pieces.differences(root, table, before, after))
        compared, written[table.name] = compared + counts[0], counts[1]
    writer.analyze(written)
    return compared, sum(written.values())


def _fill(connection: sa.Connection, root: str, target: migrate.Target, release: Release) -> tuple[int, int]:
    """Fill new tables, then make their keys and indexes; returns rows, twice."""
    connection.execute(sa.text(_MEMORY))
    writer = Rewriter(connection, target.schema, release.release_id)
    written = {
        table.name: writer.fill(table, pieces.rows(root, table, release.versions[table.full_name]))
        for table in ddl.served_tables()
    }
    writer.analyze(written)
    migrate.complete(connection, target, release.release_id)
    rows = sum(written.values())
    return rows, rows


def _mend(connection: sa.Connection, root: str, target: migrate.Target, release: Release) -> tuple[int, int]:
    """Compare every served row with the release; returns rows compared and rows written."""
    writer = Rewriter(connection, target.schema, release.release_id)
    compared, written = 0, {}
    for table in ddl.served_tables():
        counts = writer.mend(table, pieces.rows(root, table, release.versions[table.full_name]))
        compared, written[table.name] = compared + counts[0], counts[1]
    writer.analyze(written)
    return compared, sum(written.values())


def _tidy(engine: sa.Engine) -> None:
    """Drop the tables behind former views; where a reader still holds them, the next publication does."""
    try:
        with translate_errors(), engine.begin() as connection:
            migrate.drop_replaced(connection)
    except DatabaseUnavailable as error:
        log.info("the tables of a former contract are dropped later", reason=str(error))
