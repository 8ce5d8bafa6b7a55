"""`fsck --repair`: what can be put right is, from what is nearest to the truth; the rest is named.

Logs come back as the lake keeps them beside its releases, bronze from landing, silver and gold from
bronze, Postgres from gold. A file whose rows give the very same bytes again is put back in its place;
else its table gets a new version and the home a new release.
"""

import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import sqlalchemy as sa

from contracts.errors import LakeUnavailable, TillhouseError
from contracts.registry import lake_tables
from contracts.settings import Settings
from lake import delta, identity
from pipelines.fsck import mend_files, mend_lake, mend_served
from pipelines.fsck.check import Report, check
from pipelines.fsck.finding import Finding, Mend
from pipelines.fsck.home import Home, look
from pipelines.fsck.work import Work
from serving.publish import Publisher
from serving.run_records import Records

Stage = Callable[[Work, Home, list[Finding]], list[str]]
# In this order: what a later stage stands on is right by then.
STAGES: list[tuple[set[Mend], Stage]] = [
    ({"log"}, mend_files.put_back_log),
    ({"foreign"}, mend_files.move_foreign),
    ({"releases"}, mend_served.insert_releases),
    ({"bronze", "derived"}, mend_lake.mend),
    ({"none"}, mend_files.note_lost),
    ({"copy"}, mend_files.write_copies),
    ({"served"}, mend_served.publish_again),
    ({"report"}, mend_served.write_report),
]


def repair(engine: sa.Engine, settings: Settings) -> tuple[list[str], Report]:
    """Put right what can be; returns what was done, and what a look finds afterwards."""
    report = check(engine, settings)
    if all(finding.mend == "none" and not finding.damage for finding in report.findings) or _is_foreign(
        engine, settings
    ):
        return [], report
    records = Records(engine, settings)
    records.prepare(_lake_id(engine, settings))
    with records.writing(wait=True):
        now = datetime.now(UTC)
        work = Work(engine, settings, Publisher(engine, settings), f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}", now)
        took_over = records.start(work.run_id, "fsck --repair", now)
        status, message = "failed", None
        try:
            done, report = _stages(work, fence=took_over)
            status, message = "repaired", "; ".join(done)[:1000]
        except TillhouseError as error:
            message = str(error)
            raise
        finally:
            records.finish(
                work.run_id, status, datetime.now(UTC), release_id=report.release_id, as_of=None, message=message
            )
    return done, report


def _stages(work: Work, *, fence: bool) -> tuple[list[str], Report]:
    """Every stage that has something to do. `fence` shuts out a run taken for dead that is not."""
    done: list[str] = []
    report = check(work.engine, work.settings)
    for kinds, stage in STAGES:
        if found := [finding for finding in report.findings if finding.mend in kinds]:
            with look(work.engine, work.settings) as home:
                home.broken.update(finding.table for finding in report.damage if finding.table)
                said = stage(work, home, found)
            if said:
                done += said
                delta.forget()
                report = check(work.engine, work.settings)
        if fence and stage is mend_files.put_back_log:  # before it a log may not be readable
            _fence(work.settings)
    return done, report


def _fence(settings: Settings) -> None:
    """A next version of every table that can be opened, so that nobody who stands on another can write to it."""
    for table in lake_tables().values():
        with suppress(LakeUnavailable):  # what cannot be opened is among the findings
            newest = delta.newest_version(settings.lake, table)
            if newest is not None:
                delta.fence(settings.lake, table, newest)


def _is_foreign(engine: sa.Engine, settings: Settings) -> bool:
    with look(engine, settings) as home:
        return home.is_foreign


def _lake_id(engine: sa.Engine, settings: Settings) -> str:
    """The lake's id; where it lost it, the one that Postgres knows, or a new one."""
    with look(engine, settings) as home:
        if home.lake_id is None:
            identity.put_back(settings.lake, home.owner)
    return identity.required(settings)
