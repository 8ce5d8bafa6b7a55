"""The home as one look at it sees it: the releases, their copies, and what of the lake can be read."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import sqlalchemy as sa

from contracts.base import Table
from contracts.registry import lake_tables
from contracts.settings import Settings
from lake import connection, copies, delta, identity
from lake import release as releases
from lake.copies import Copy
from lake.release import Release
from serving.postgres import snapshot, translate_errors

# What a release is known to have lost for good, as `--repair` wrote it down.
LOST = "lost.json"


@dataclass(frozen=True)
class Needed:
    """A file that a release needs, below its table's folder, and its hash where a copy knows it."""

    table: Table
    path: str
    digest: str | None
    current: bool  # the release in force needs it, not an older one alone
    releases: tuple[int, ...]


@dataclass
class Home:
    """One look. `database` is one read-only transaction, so that what it says is of one moment."""

    settings: Settings
    database: sa.Connection
    broken: set[str] = field(default_factory=set)  # tables of the release in force that cannot be read whole

    @cached_property
    def released(self) -> dict[int, Release]:
        """The releases Postgres knows, in order."""
        if not self.has("lakehouse.releases"):
            return {}
        rows = self.database.execute(
            sa.text(
                "select release_id, run_id, as_of, created_at, settings, versions from lakehouse.releases"
                " order by release_id"
            )
        )
        return {row.release_id: Release(*row) for row in rows}

    def has(self, relation: str) -> bool:
        """Is there such a relation in Postgres."""
        return self.database.scalar(sa.text("select to_regclass(:name)"), {"name": relation}) is not None

    @cached_property
    def lake_id(self) -> str | None:
        """The id the lake carries; None where it has none that can be read."""
        return identity.read(self.settings.lake)

    @cached_property
    def owner(self) -> str | None:
        """The id of the lake the database belongs to."""
        if not self.has("lakehouse.lake"):
            return None
        found = self.database.scalar(sa.text("select lake_id from lakehouse.lake"))
        return None if found is None else str(found)

    @cached_property
    def is_foreign(self) -> bool:
        """Does the database belong to another lake."""
        return None not in {self.owner, self.lake_id} and self.owner != self.lake_id

    @cached_property
    def copies(self) -> dict[int, Copy]:
        """The releases written beside the lake that can be read, in order."""
        found = {number: self._copy(number) for number in releases.copied(self.settings)}
        # A run may have written one between the listing and what Postgres said.
        found |= {number: self._copy(number) for number in self.released if number not in found}
        return {number: copy for number, copy in sorted(found.items()) if copy is not None}

    def _copy(self, number: int) -> Copy | None:
        try:
            copy = copies.read(self.settings, number)
        except ValueError:
            return None
        return copy if copy is not None and copy.release.release_id == number else None

    @cached_property
    def kept(self) -> dict[int, Release]:
        """Every release somebody may read: those of Postgres, and those only the lake still knows."""
        known = {} if self.is_foreign else self.released
        oldest = min(known, default=0)
        found = {number: copy.release for number, copy in self.copies.items() if number >= oldest} | known
        return dict(sorted(found.items()))

    @property
    def release(self) -> Release | None:
        """The release in force; None before the first."""
        return self.kept[max(self.kept)] if self.kept else None

    def is_closed(self, run_id: str) -> bool:
        """Did the run come to its end, or one after it: what a run does after its commit is done then."""
        if not self.has("lakehouse.runs"):
            return True
        return bool(
            self.database.scalar(
                sa.text(
                    "select exists (select from lakehouse.runs as later where later.status not in ('running', 'failed')"
                    " and later.started_at >= run.started_at) from lakehouse.runs as run where run_id = :run"
                    " union all select true limit 1"
                ),
                {"run": run_id},
            )
        )

    def folder(self, table: Table) -> Path:
        """Where a table lies."""
        return Path(delta.location(self.settings.lake, table))

    @property
    def tables(self) -> list[Table]:
        """The tables of the release in force."""
        return connection.released_tables(self.release) if self.release else []

    @cached_property
    def known_hashes(self) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], str]]:
        """The hash of every file, and of every log entry, that any copy knows: by table and name; the oldest copy's."""
        files: dict[tuple[str, str], str] = {}
        log: dict[tuple[str, str], str] = {}
        for copy in self.copies.values():
            if copy.hashes is not None:
                for known, by_table in ((files, copy.hashes.files), (log, copy.hashes.log)):
                    for table, names in by_table.items():
                        for name, digest in names.items():
                            known.setdefault((table, name), digest)
        return files, log

    @cached_property
    def needed(self) -> list[Needed]:
        """Every Parquet file that a kept release needs."""
        users: dict[tuple[str, str], list[int]] = {}
        for number, release in self.kept.items():
            copy = self.copies.get(number)
            made_of = copy.hashes if copy is not None and copy.release == release else None
            for table in connection.released_tables(release):
                name = table.full_name
                if made_of is not None and name in made_of.files:
                    paths = list(made_of.files[name])
                elif release is self.release and name not in self.broken:
                    folder = self.folder(table).as_posix()
                    paths = [
                        path.removeprefix(f"{folder}/")
                        for path in delta.files(self.settings.lake, table, release.versions[name])
                    ]
                else:
                    paths = []
                for path in paths:
                    users.setdefault((name, path), []).append(number)
        now = self.release.release_id if self.release else 0
        known, _ = self.known_hashes
        return [
            Needed(lake_tables()[name], path, known.get((name, path)), now in numbers, tuple(numbers))
            for (name, path), numbers in sorted(users.items())
        ]

    @cached_property
    def lost(self) -> set[str]:
        """Files of older releases that are known to be lost."""
        path = releases.copy_path(self.settings, 0).with_name(LOST)
        return set(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else set()

    @contextmanager
    def rows(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """DuckDB over the tables of the release in force that can be read."""
        versions = {
            table.full_name: self.release.versions[table.full_name]
            for table in self.tables
            if self.release and table.full_name not in self.broken
        }
        with connection.open_layers(self.settings.lake, versions) as con:
            yield con


@contextmanager
def look(engine: sa.Engine, settings: Settings) -> Iterator[Home]:
    """A look at the home. What is released does not move under it; a run may go on meanwhile."""
    with translate_errors(), snapshot(engine) as database:
        home = Home(settings, database)
        _ = home.copies  # listed before Postgres is asked: what has a copy is committed
        yield home
        database.rollback()
