"""The books of a home's database: whose it is, who runs, and what each run did.

All of it is committed at once, outside the release, so that a run that stops leaves its record. Each
write may be done twice, because the answer to the first may be lost.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from contracts.errors import ForeignDatabase
from contracts.settings import Settings
from serving import lock, roles
from serving.postgres import translate_errors
from serving.retry import Retries

T = TypeVar("T")

_OTHERS = "select from lakehouse.runs where status = 'running' and run_id <> :run for update"
_RELEASED = (
    "update lakehouse.runs set status = 'released', release_id = releases.release_id, as_of = releases.as_of,"
    " finished_at = releases.created_at, message = 'the process died after its release'"
    " from lakehouse.releases where releases.run_id = runs.run_id and status = 'running' and runs.run_id <> :run"
)
_FAILED = (
    "update lakehouse.runs set status = 'failed', message = 'the process died'"
    " where status = 'running' and run_id <> :run"
)


@dataclass(frozen=True)
class Records:
    """The run records of one home, in schema `lakehouse`."""

    engine: sa.Engine
    settings: Settings
    retries: Retries = field(default_factory=Retries)

    def prepare(self, lake_id: str) -> None:
        """Create what is missing, check that the database is this lake's, and let the reading roles read.

        Raises ForeignDatabase where it belongs to another home.
        """
        script = Path(__file__).with_name("lakehouse.sql").read_text(encoding="utf-8")

        def make(connection: sa.Connection) -> None:
            lock.set_up(connection)
            connection.exec_driver_sql(script)
            owner = connection.scalar(sa.text("select lake_id from lakehouse.lake"))
            if owner is None:
                connection.execute(sa.text("insert into lakehouse.lake values (:lake)"), {"lake": lake_id})
            elif owner != lake_id:
                raise ForeignDatabase(
                    f"The database belongs to another home than {self.settings.home}: its lake is {owner}, this one is "
                    f"{lake_id}. Give this home a database of its own, or restore the lake it was made with."
                )

        self._do(make)
        self.retries.call("the roles that only read", lambda: roles.prepare(self.engine, self.settings))

    def writing(self, *, wait: bool) -> AbstractContextManager[None]:
        """Hold the one writer's lock. Raises RunInProgress, saying who runs, where `wait` is false."""
        return lock.writing(self.engine, self.retries, wait=wait, who_runs=self._who_runs)

    def _who_runs(self) -> str:
        running = self._one(
            "select run_id, command, started_at from lakehouse.runs where status = 'running'"
            " order by started_at desc limit 1"
        )
        if running is None:
            return "Another command is writing to this home."
        return f"Run {running.run_id} ({running.command}) has been writing here since {running.started_at:%H:%M:%S}."

    def start(self, run_id: str, command: str, now: datetime) -> bool:
        """Open a run's record; was another one open.

        Its run is dead, because we hold its lock: it is marked failed and cannot publish from then on, or released
        where its release is there.
        """
        others = "select exists (select from lakehouse.runs where status = 'running' and run_id <> :run)"
        took_over = self._do(lambda connection: connection.scalar(sa.text(others), {"run": run_id}))

        def open_it(connection: sa.Connection) -> None:
            # A commit under way holds its run's row: wait for it, and then see its release.
            for close in (_OTHERS, _RELEASED, _FAILED):
                connection.execute(sa.text(close), {"run": run_id})
            connection.execute(
                sa.text(
                    "insert into lakehouse.runs (run_id, command, started_at, status)"
                    " values (:run, :command, :now, 'running') on conflict do nothing"
                ),
                {"run": run_id, "command": command, "now": now},
            )

        self._do(open_it)
        return bool(took_over)

    def finish(
        self,
        run_id: str,
        status: str,
        now: datetime,
        *,
        release_id: int | None,
        as_of: date | None,
        message: str | None,
    ) -> None:
        """Close a run's record; the message of one that went well names its retries.

        It says `<home>` for the home's path: everybody who reads figures may read it.
        """
        said = message or "; ".join(self.retries.told)
        for name, folder in (("home", str(self.settings.home)), ("lake", self.settings.lake)):
            said = said.replace(folder, f"<{name}>")
        parameters = {
            "run": run_id,
            "status": status,
            "now": now,
            "release": release_id,
            "as_of": as_of,
            "message": said or None,
        }
        update = (
            "update lakehouse.runs set status = :status, finished_at = :now, release_id = :release, as_of = :as_of,"
            " message = :message where run_id = :run"
        )
        self._do(lambda connection: connection.execute(sa.text(update), parameters))

    def steps(self, rows: Sequence[dict[str, Any]]) -> None:
        """Record finished steps: run_id, position, name, rows_in, rows_out, quarantined, seconds."""
        self._many(
            "insert into lakehouse.run_steps values"
            " (:run_id, :position, :name, :rows_in, :rows_out, :quarantined, :seconds) on conflict do nothing",
            rows,
        )

    def checks(self, rows: Sequence[dict[str, Any]]) -> None:
        """Record check results: run_id, check_name, table_name, severity, status, observed, threshold, sample."""
        self._many(
            "insert into lakehouse.check_results values (:run_id, :check_name, :table_name, :severity, :status,"
            " :observed, :threshold, :sample) on conflict do nothing",
            rows,
        )

    def quarantine(self, rows: Sequence[dict[str, Any]]) -> None:
        """Keep the quarantined rows of a run that stops; what it wrote to the lake is put back."""
        self._many(
            "insert into lakehouse.stopped_quarantine values (:source, :landing_date, :source_file, :row_number,"
            " :row_hash, :raw, :reasons, :run_id, :quarantined_at, :status, :corrected_by) on conflict do nothing",
            rows,
        )

    def rejected(self, rows: Sequence[dict[str, Any]]) -> None:
        """Record files that could not be read as their source; the same file again is no news."""
        self._many(
            "insert into lakehouse.rejected_files values (:landing_date, :source_file, :file_hash, :source, :reason,"
            " :kept_as, :run_id, :rejected_at) on conflict do nothing",
            rows,
        )

    def rejected_hashes(self) -> dict[tuple[date, str], set[str]]:
        """The contents rejected so far, by (landing date, file name)."""
        query = "select landing_date, source_file, file_hash from lakehouse.rejected_files"
        found: dict[tuple[date, str], set[str]] = {}
        for day, name, digest in self._do(lambda connection: connection.execute(sa.text(query)).all()):
            found.setdefault((day, name), set()).add(digest)
        return found

    def take_up(self, days: Sequence[date]) -> None:
        """Note the landing folders that this run is to load, and those to follow it."""
        take = "insert into lakehouse.open_folders select unnest(cast(:days as date[])) on conflict do nothing"
        if days:
            self._do(lambda connection: connection.execute(sa.text(take), {"days": list(days)}))

    def close(self, days: Sequence[date]) -> None:
        """Note that nothing is left to load of these landing folders."""
        close = "delete from lakehouse.open_folders where landing_date = any(:days)"
        if days:
            self._do(lambda connection: connection.execute(sa.text(close), {"days": list(days)}))

    def open_folders(self) -> list[date]:
        """The landing folders taken up and not closed, in order."""
        query = "select landing_date from lakehouse.open_folders order by 1"
        return list(self._do(lambda connection: connection.scalars(sa.text(query)).all()))

    def _one(self, query: str) -> Any:
        return self._do(lambda connection: connection.execute(sa.text(query)).one_or_none())

    def _many(self, statement: str, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            self._do(lambda connection: connection.execute(sa.text(statement), list(rows)))

    def _do(self, work: Callable[[sa.Connection], T]) -> T:
        """A transaction of its own, again where it failed for a reason that passes."""

        def once() -> T:
            with translate_errors(), self.engine.begin() as connection:
                return work(connection)

        return self.retries.call("the run's record", once)
