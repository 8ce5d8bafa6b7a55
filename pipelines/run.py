"""A run: a plain list of steps from landing to publication, on top of the last release."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import structlog

from contracts.errors import FigureTooLarge, FileRejected, RunStopped
from contracts.registry import lake_tables, tables
from contracts.settings import Settings
from lake import connection, copies, delta, identity, lookup
from lake import release as releases
from lake.release import Release
from pipelines import checks, open_folders
from pipelines.bronze import ingest
from pipelines.gold import refresh as gold
from pipelines.landing.arrival import StillArriving
from pipelines.landing.folder import LandedFile
from pipelines.maintain.compact import compact
from pipelines.plan import Plan, plan, restates
from pipelines.ports import Progress, Publisher, Records, Step
from pipelines.silver import quarantine
from pipelines.silver.refresh import refresh
from pipelines.turn import Ended, new_run_id, released_version, turn

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Options:
    """How a run was asked for."""

    command: str
    strict: bool = False  # a rejected file stops the run
    wait: bool = True  # for another run's lock
    rebuild: bool = False  # silver and gold again, also with nothing new
    skip: bool = False  # leave the new files out for good, in place of loading them
    then: tuple[date, ...] = ()  # landing dates that runs of the same command take after this one
    maintain: Callable[[], None] | None = None  # load nothing: compact the lake, then this, while nobody writes


@dataclass
class Outcome(Ended):
    """What a run did."""

    steps: list[Step] = field(default_factory=list)
    rejected: list[tuple[LandedFile, str]] = field(default_factory=list)
    left: list[tuple[LandedFile, str]] = field(default_factory=list)  # neither loaded nor rejected
    unloaded: list[date] = field(default_factory=list)  # landing folders that an earlier run stopped or died at
    drift: dict[str, list[str]] = field(default_factory=dict)  # what is new or missing, to the files it is so in
    ignored: tuple[str, ...] = ()
    conservation: pl.DataFrame | None = None
    restated: pl.DataFrame | None = None  # this release's rows of fct_restatements
    changes: quarantine.Changes = field(default_factory=quarantine.Changes)
    newly: list[quarantine.Newly] = field(default_factory=list)  # what it put into quarantine
    checked: list[checks.Result] = field(default_factory=list)


def run(
    settings: Settings,
    days: Sequence[date],
    records: Records,
    publisher: Publisher,
    options: Options,
    progress: Progress,
) -> Outcome:
    """Load the new files of the landing dates `days`, bring the tables up to date, check, and publish in one commit.

    Raises RunStopped where a check or the reject-ratio breaker says no; then nothing is published and the
    lake is back at the release before.
    """
    now = datetime.now(UTC)
    outcome = Outcome(new_run_id(now))
    records.prepare(identity.of(settings))
    with turn(settings, records, publisher, options.command, now, outcome, wait=options.wait) as (base, versions):
        work = _Work(settings, base, records, publisher, options, progress, outcome, now, versions)
        try:
            work.go(days)
        except RunStopped:
            work.stopped()
            raise
    return outcome


@dataclass
class _Work:
    """The state of a run under way."""

    settings: Settings
    base: Release | None
    records: Records
    publisher: Publisher
    options: Options
    progress: Progress
    outcome: Outcome
    now: datetime
    versions: dict[str, int]  # where each lake table stands, this run's writes included
    begun_at: dict[str, int] = field(init=False)
    rows_in_step: tuple[int, int, int] = (0, 0, 0)

    def __post_init__(self) -> None:
        self.begun_at = dict(self.versions)

    def go(self, days: Sequence[date]) -> None:
        if self.options.maintain is not None:
            self._compact()
            self.options.maintain()
            return
        known = ingest.loaded_hashes(self.settings.lake, self.versions["bronze.landed_files"])
        rejected = self.records.rejected_hashes()
        found = plan(self.settings, days, known, rejected)
        coming = {*days, *self.options.then}
        self.outcome.unloaded = open_folders.look_back(self.settings, self.records, coming, known, rejected)
        self.outcome.ignored, self.outcome.left = found.ignored, list(found.left)
        if self.options.skip:
            self._keep_rejected([(file, "left out for good by --skip") for file in found.files])
        else:
            self.records.take_up(sorted({*(file.landing_date for file in found.files), *self.options.then}))
            self._load(found, known)
        self.records.close(sorted({*days} - {file.landing_date for file, _ in self.outcome.left}))

    def _load(self, found: Plan, known: Mapping[tuple[date, str], str]) -> None:
        if not found.files and not self._stale():
            self._be_strict()
            return
        if self.base is not None:
            for line in restates(found, known, self.base, self.settings):
                self.progress.says(f"will restate: {line}")
        loaded = self._bronze(found)
        if not loaded and not self._stale():
            return
        as_of = self._as_of()
        if as_of is None:
            return  # nothing but rejected files has ever landed
        self._silver(loaded)
        self._gold(as_of)
        self._check(as_of)
        self._release(as_of)

    def stopped(self) -> None:
        """What the run found bad stays to be looked at, though its tables are put back; say how to."""
        table = tables("silver")["quarantine"]
        found = delta.read(self.settings.lake, table, self.versions[table.full_name])
        self.records.quarantine(found.filter(pl.col("run_id") == self.outcome.run_id).to_dicts())
        newly, run_id = self.outcome.newly, self.outcome.run_id
        self.progress.says(f"Run {run_id} stopped" + (f": {quarantine.in_words(newly, run_id)}" if newly else "."))

    def _compact(self) -> None:
        """The same rows in fewer files, as a release of their own; not where the next run rewrites them anyway."""
        if self.base is None or self._stale():
            return
        with self._step("compact"):
            worn = compact(self.settings.lake, self.versions)
            written = [lake_tables()[each.table.full_name] for each in worn]
            rows = sum(lookup.row_count(self.settings.lake, each, self.versions[each.full_name]) for each in written)
            self.rows_in_step = (rows, rows, 0)
        if worn:
            self._check(self.base.as_of)
            self._release(self.base.as_of)

    def _stale(self) -> bool:
        """Do the figures in force belong to other settings, or is a rebuild asked for."""
        if self.base is None:
            return False
        return self.options.rebuild or self.base.settings != self.settings.model_inputs()

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self.progress.begins(name)
        begun = time.monotonic()
        self.rows_in_step = (0, 0, 0)
        yield
        self._finished(Step(name, *self.rows_in_step, time.monotonic() - begun))

    def _finished(self, step: Step) -> None:
        self.outcome.steps.append(step)
        self.progress.ends(step)
        log.info("step", run=self.outcome.run_id, **vars(step))
        row = {"run_id": self.outcome.run_id, "position": len(self.outcome.steps), **vars(step)}
        self.records.steps([row])

    def _bronze(self, found: Plan) -> dict[str, list[tuple[date, str]]]:
        """Read each new file; what cannot be read as its source is kept aside, and the others go on.

        Returns landing date and name of what was loaded, by source.
        """
        with self._step("bronze"):
            done = ingest.ingest(self.settings.lake, found.files, self.settings, self.outcome.run_id, self.versions)
            for each in done.loaded:
                self._note_drift(each.file, each.new_columns, each.missing_columns)
            self.outcome.left += done.left
            self._keep_rejected(done.rejected)
            self._be_strict()
            self.rows_in_step = (done.rows, done.rows, 0)
        return done.places

    def _note_drift(self, file: LandedFile, new: Sequence[str], missing: Sequence[str]) -> None:
        if new:
            self._drifted(f"{file.source}: new column {', '.join(new)}, kept in bronze as extra", file)
        if missing:
            self._drifted(f"{file.source}: no column {', '.join(missing)}, taken as null", file)

    def _drifted(self, what: str, file: LandedFile) -> None:
        self.outcome.drift.setdefault(what, []).append(file.label)

    def _keep_rejected(self, rejected: Sequence[tuple[LandedFile, str]]) -> None:
        """The bytes of what was rejected, as they were judged, and the record of it."""
        rows = []
        for file, reason in rejected:
            try:
                kept = self.settings.rejected / file.landing_date.isoformat() / f"{file.file_hash[:12]}-{file.name}"
                file.copy_to(kept)
            except StillArriving as changed:
                self.outcome.left.append((file, str(changed)))
                continue
            self.outcome.rejected.append((file, reason))
            rows.append(
                {
                    "landing_date": file.landing_date,
                    "source_file": file.name,
                    "file_hash": file.file_hash,
                    "source": file.source,
                    "reason": reason,
                    "kept_as": str(kept.relative_to(self.settings.rejected)),
                    "run_id": self.outcome.run_id,
                    "rejected_at": self.now,
                }
            )
        if not self.options.strict:  # which leaves them to be tried again
            self.records.rejected(rows)

    def _be_strict(self) -> None:
        """With --strict a file that is not loaded stops the run."""
        if self.options.strict and (unloaded := [*self.outcome.rejected, *self.outcome.left]):
            file, reason = unloaded[0]
            raise FileRejected(
                f"{file.label} cannot be loaded: {reason}. Nothing was published because of --strict; "
                "mend the file and run again."
            )

    def _as_of(self) -> date | None:
        """The greatest landing date loaded."""
        return max(self._landed()["landing_date"].to_list(), default=None)

    def _landed(self) -> pl.DataFrame:
        table = tables("bronze")["landed_files"]
        return delta.read(self.settings.lake, table, self.versions[table.full_name])

    def _silver(self, places: dict[str, list[tuple[date, str]]]) -> None:
        with self._step("silver"):
            conservation = refresh(
                self.settings.lake,
                None if self.base is None or self._stale() else self.base.versions,
                self.versions,
                places,
                self.settings,
                self.outcome.run_id,
                self.now.replace(tzinfo=None),
            )
            self._write("quality", "conservation", conservation)
            self.outcome.conservation = conservation
            self._note_quarantine(places)
            totals = conservation.sum()
            self.rows_in_step = (
                totals["bronze_rows"].item(),
                totals["current_rows"].item(),
                sum(each.rows + each.earlier for each in self.outcome.newly),
            )

    def _note_quarantine(self, loaded: dict[str, list[tuple[date, str]]]) -> None:
        """What became of the rows kept out before, and which this run keeps out."""
        table = tables("silver")["quarantine"]
        before = self.base.versions[table.full_name] if self.base else 0
        if before == self.versions[table.full_name]:
            return
        old, new = (
            delta.scan(self.settings.lake, table, version).drop("raw").collect()
            for version in (before, self.versions[table.full_name])
        )
        self.outcome.changes = quarantine.changes(old, new, loaded)
        self.outcome.newly = quarantine.newly(new, self._landed(), self.outcome.run_id)

    def _gold(self, as_of: date) -> None:
        with self._step("gold"):
            root, anew = self.settings.lake, self._stale()
            try:
                counts = gold.refresh(root, self.base, self.versions, as_of, self.settings, anew=anew)
            except FigureTooLarge as error:
                self._record([checks.too_large(error)])
                raise
            items = tables("silver")["order_items"]
            lines = lookup.row_count(root, items, self.versions[items.full_name])
            self.rows_in_step = (lines, sum(counts.values()), 0)
            self._note_restated()

    def _note_restated(self) -> None:
        """How many figures of which published days this run changes, and why."""
        table = tables("gold")["fct_restatements"]
        log = delta.read(self.settings.lake, table, self.versions[table.full_name])
        self.outcome.restated = log.filter(pl.col("release_id") == releases.next_id(self.base))

    def _write(self, layer: Any, name: str, rows: pl.DataFrame) -> None:
        table = tables(layer)[name]
        base = self.versions[table.full_name]
        self.versions[table.full_name] = delta.write_changes(self.settings.lake, table, rows, base)

    def _check(self, as_of: date) -> None:
        """Every check on the tables as written; a blocking one that fails stops the run."""
        parameters = {
            "as_of": as_of,
            "run_id": self.outcome.run_id,
            "max_reject_ratio": self.settings.max_reject_ratio,
            **self.settings.model_inputs(),
        }
        with self._step("checks"), connection.open_layers(self.settings.lake, self.versions) as con:
            results = checks.run(con, parameters)
            self.rows_in_step = (len(results), sum(result.status == "passed" for result in results), 0)
            self._record(results)
        if blocking := [result for result in results if result.blocks]:
            raise checks.stopped_by(blocking[0])

    def _record(self, results: list[checks.Result]) -> None:
        self.outcome.checked = results
        self.records.checks([{"run_id": self.outcome.run_id, **result.record()} for result in results])

    def _release(self, as_of: date) -> None:
        root = self.settings.lake
        release = Release(
            release_id=releases.next_id(self.base),
            run_id=self.outcome.run_id,
            as_of=as_of,
            created_at=datetime.now(UTC),
            settings=self.settings.model_inputs(),
            versions={name: self._to_release(name) for name in self.versions},
        )
        before = self.base.versions if self.base else {}
        delta.sync(root, lake_tables().values(), before, release.versions)
        with self._step("publish"):
            staged, written = self.publisher.publish(self.base, release)
            self.outcome.release, self.outcome.status = release, "released"
            self.publisher.show(release)
            copies.write(self.settings, release)
            self.rows_in_step = (staged, written, 0)

    def _to_release(self, name: str) -> int:
        """Where the table stands; of one this run has not written, the version released before."""
        untouched = self.versions[name] == self.begun_at[name]
        return released_version(self.base, name) if untouched else self.versions[name]
