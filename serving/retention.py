"""What is kept of the past: releases, replaced rows and run records, for `retention_days`.

A release is kept until `retention_days` after another replaced it, so that what was shown on any day within
retention can be shown again. The release in force is always kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from serving.ddl import HISTORY
from serving.postgres import translate_errors

# A run's records go with it; those of a kept release stay with that.
_RUNS = (
    "select run_id from lakehouse.runs where started_at < :since and status <> 'running'"
    " and run_id not in (select run_id from lakehouse.releases)"
)
_OF_RUNS = ("run_steps", "check_results", "stopped_quarantine", "runs")


@dataclass(frozen=True)
class Expired:
    """What is past retention."""

    oldest_kept: int | None  # None before the first release
    releases: tuple[int, ...]
    kept: tuple[int, ...]  # the releases that are not
    runs: int
    replaced_rows: int  # of serving_history


def oldest_kept(connection: sa.Connection, now: datetime, retention_days: int) -> int | None:
    """The oldest release to keep: the one in force when retention began; None before the first release."""
    oldest: int | None = connection.scalar(
        sa.text(
            "with recent as (select min(release_id) as first from lakehouse.releases where created_at > :since)"
            " select coalesce("
            " (select max(release_id) from lakehouse.releases, recent where release_id < first),"
            " (select first from recent),"
            " (select max(release_id) from lakehouse.releases))"
        ),
        {"since": now - timedelta(days=retention_days)},
    )
    return oldest


def forget(connection: sa.Connection, now: datetime, retention_days: int) -> None:
    """Drop the replaced rows that no release to keep holds; what else is past retention waits for maintenance."""
    first = connection.scalar(sa.text("select min(release_id) from lakehouse.releases"))
    oldest = oldest_kept(connection, now, retention_days)
    if oldest != first:
        forget_replaced(connection, oldest)


def forget_replaced(connection: sa.Connection, oldest: int | None) -> int:
    """Drop the replaced rows that no release from `oldest` on holds; returns how many."""
    names = connection.scalars(
        sa.text("select relname from pg_class where relnamespace = to_regnamespace(:history) and relkind = 'r'"),
        {"history": HISTORY},
    ).all()
    if oldest is not None:
        # A longer retention set later does not bring back what is gone.
        connection.execute(
            sa.text(
                "insert into lakehouse.history_begins values (true, :oldest) on conflict (is_only) do update"
                " set release_id = greatest(history_begins.release_id, excluded.release_id)"
            ),
            {"oldest": oldest},
        )
    return sum(
        connection.execute(
            sa.text(f'delete from {HISTORY}."{name}" where to_release <= :oldest'), {"oldest": oldest}
        ).rowcount
        for name in names
    )


def expire(engine: sa.Engine, now: datetime, retention_days: int, *, dry_run: bool = False) -> Expired:
    """Forget releases, replaced rows and run records past retention, in one commit; with `dry_run` count them only.

    Call it under the writer's lock. What the lake keeps of an expired release is the caller's to remove.
    """
    since = now - timedelta(days=retention_days)
    with translate_errors(), engine.connect() as connection:
        oldest = oldest_kept(connection, now, retention_days)
        gone = connection.scalars(
            sa.text("delete from lakehouse.releases where release_id < :oldest returning release_id"),
            {"oldest": oldest},
        ).all()
        kept = connection.scalars(sa.text("select release_id from lakehouse.releases order by 1")).all()
        replaced = forget_replaced(connection, oldest)
        runs = connection.scalars(sa.text(_RUNS), {"since": since}).all()
        for name in _OF_RUNS:
            connection.execute(sa.text(f"delete from lakehouse.{name} where run_id = any(:runs)"), {"runs": runs})
        if dry_run:
            connection.rollback()
        else:
            connection.commit()
    return Expired(oldest, tuple(sorted(gone)), tuple(kept), len(runs), replaced)
