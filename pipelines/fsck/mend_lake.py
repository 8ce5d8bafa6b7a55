"""Tables of the lake put right: bronze from landing, silver and gold from bronze.

Where the rows of a damaged file give its very bytes again, the file is put back and nothing else changes.
Else the table gets a version with the right rows, and the home a release of it.
"""

from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from contracts.base import Table
from contracts.registry import lake_tables, sources, tables
from contracts.settings import Settings
from lake import connection, copies, delta
from lake import release as releases
from lake.release import Release
from pipelines import checks
from pipelines.fsck import bronze_again, landed_again, mend_files, served
from pipelines.fsck.bytes_again import put_back
from pipelines.fsck.finding import Finding
from pipelines.fsck.home import Home
from pipelines.fsck.work import Work
from pipelines.gold import build as gold
from pipelines.silver import from_all

CONSERVATION = "quality.conservation"


def mend(work: Work, home: Home, found: list[Finding]) -> list[str]:
    """Make every damaged table whole again, as far as what is left allows."""
    if home.release is None:
        return []
    lake = _Lake(work, home, home.release, found)
    lake.bronze()
    if not lake.stuck:  # else what is released stays as it is
        lake.derived()
        lake.publish()
    return lake.done


@dataclass
class _Lake:
    """The tables as they are put right, one after the other."""

    work: Work
    home: Home
    base: Release
    found: list[Finding]
    versions: dict[str, int] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    stuck: bool = False  # bronze is not whole

    def __post_init__(self) -> None:
        self.versions = dict(self.base.versions)

    @property
    def settings(self) -> Settings:
        """The settings the release was made with."""
        return self.work.settings.model_copy(update=self.base.settings)

    def _files(self, table: Table) -> list[str]:
        return sorted({each.file for each in self.found if each.table == table.full_name and each.file})

    def bronze(self) -> None:
        """Bronze tables with damage, each by the rows that its damaged files held."""
        wanted = {each.table for each in self.found if each.mend == "bronze"}
        landed = tables("bronze")["landed_files"]
        if landed.full_name in wanted:
            damaged = {name: self._files(lake_tables()[name]) for name in wanted}
            rows, vouched = landed_again.landed_files(self.home, self.base, damaged, self.settings)
            if not self._put(landed, rows, rows, self._files(landed), only_same_bytes=not vouched):
                self.stuck = True
                self.done.append(
                    f"{landed.full_name} cannot be repaired: bronze files it counts are damaged too, and what landing "
                    "holds does not give it again; restore a backup"
                )
                return
        for source in sources().values():
            if source.table.full_name not in wanted:
                continue
            version = self.versions[landed.full_name]
            again = bronze_again.rows(
                self.home, self.base, source, self._files(source.table), self.found, self.settings, version
            )
            if again.missing:
                self.stuck = True
                said = ", ".join(f"{label} (SHA-256 {digest})" for label, digest in again.missing)
                self.done.append(
                    f"{source.table.full_name} cannot be repaired: {said} is neither in landing nor in an older file; "
                    "land the same bytes again under that name and repair again, or restore a backup"
                )
                continue
            days = sorted(again.days)
            self._put(source.table, again.lost, pl.concat([again.good, again.lost]), again.files, days)

    def derived(self) -> None:
        """Silver, its conservation and gold, made from bronze; only what differs or is damaged is written."""
        wanted = [each for each in self.found if each.mend == "derived"]
        if not wanted:
            return
        if any(not each.table.startswith("gold.") or each.check == "sums" for each in wanted):
            self._silver()
        self._gold()

    def _silver(self) -> None:
        root = self.work.settings.lake
        bronze = {
            name: delta.read(root, source.table, self.versions[source.table.full_name])
            for name, source in sources().items()
        }
        kept = tables("silver")["quarantine"]
        before = self._as_served(kept) if self._files(kept) else delta.read(root, kept, self.versions[kept.full_name])
        built = from_all.build(bronze, self.settings, self.work.run_id, self.work.now.replace(tzinfo=None), before)
        for name, rows in built.tables.items():
            self._write(tables("silver")[name], rows)
        self._write(lake_tables()[CONSERVATION], built.conservation)

    def _as_served(self, table: Table) -> pl.DataFrame:
        """A log cannot be made again: Postgres holds it too."""
        return served.read(self.home.database, table)

    def _gold(self) -> None:
        silver = {name: version for name, version in self.versions.items() if name.startswith("silver.")}
        with connection.open_layers(self.work.settings.lake, silver) as con:
            for name in gold.build(con, self.base.as_of, self.settings):
                self._write(tables("gold")[name], con.sql(f"from gold.{name}").pl())
        for table in tables("gold").values():
            if table.scope == "log" and self._files(table):
                self._write(table, self._as_served(table))

    def _write(self, table: Table, rows: pl.DataFrame) -> None:
        """The table with these rows: its damaged files again, or what differs."""
        damaged = self._files(table)
        rows = rows.select(table.names).sort(table.order)
        if damaged:
            self._put(table, rows, rows, damaged)
        else:
            newest = self._stand_on_release(table)
            written = delta.write_changes(self.work.settings.lake, table, rows, newest)
            if written != newest:
                self.versions[table.full_name] = written

    def _put(
        self,
        table: Table,
        lost: pl.DataFrame,
        right: pl.DataFrame,
        damaged: list[str],
        days: list[date] | None = None,
        *,
        only_same_bytes: bool = False,
    ) -> bool:
        """The damaged files back by `lost`, the rows they held; else a version with `right`, of `days` or of all.

        Returns whether the table is whole; `only_same_bytes` refuses rows that no hash proves.
        """
        name, root = table.full_name, self.work.settings.lake
        known = {path: self.home.known_hashes[0].get((name, path)) for path in damaged}
        back = put_back(root, table, lost, known)
        self.done += [f"{name} {path}: put back, byte for byte" for path in back]
        delta.forget()
        left = sorted(set(damaged) - set(back))
        if left and only_same_bytes:
            return False
        if left:
            self._overwrite(table, right, days)
            self.done.append(f"{name}: {len(left)} files replaced in version {self.versions[name]}")
            self.lost += [f"{name}/{path}" for path in left if known[path] is not None]
        elif not damaged:
            self._overwrite(table, right, days)
            self.done.append(f"{name}: rows loaded again in version {self.versions[name]}")
        return True

    def _overwrite(self, table: Table, right: pl.DataFrame, days: list[date] | None) -> None:
        root = self.work.settings.lake
        newest = delta.newest_version(root, table) or 0 if days is None else self._stand_on_release(table)
        self.versions[table.full_name] = delta.overwrite(root, table, right, newest, days)

    def _stand_on_release(self, table: Table) -> int:
        """What a dead run wrote is not built upon; returns the newest version, which holds what is released."""
        return delta.restore(self.work.settings.lake, table, self.base.versions[table.full_name])

    def publish(self) -> None:
        """A release of the versions that changed, if any did."""
        if self.versions == self.base.versions:
            return
        root, publisher = self.work.settings.lake, self.work.publisher
        self._check()
        release = replace(
            self.base,
            release_id=releases.next_id(self.base),
            run_id=self.work.run_id,
            created_at=self.work.now,
            versions=self.versions,
        )
        delta.sync(root, connection.released_tables(release), self.base.versions, self.versions)
        publisher.publish(self.base, release, whole=True)
        publisher.show(release)
        copies.write(self.work.settings, release)
        self.done.append(f"release {release.release_id} made of it")
        # What was not put back in its place is lost to the releases before.
        self.done += mend_files.lose(self.work.settings, self.home, self.lost)

    def _check(self) -> None:
        parameters = {
            "as_of": self.base.as_of,
            "run_id": self.work.run_id,
            "max_reject_ratio": 1.0,  # nothing is loaded
            **self.base.settings,
        }
        with connection.open_layers(self.work.settings.lake, self.versions) as con:
            for result in checks.run(con, parameters):
                if result.blocks:
                    raise checks.stopped_by(result)
