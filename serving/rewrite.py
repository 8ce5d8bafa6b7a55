"""One served table brought to a release: filled, changed by what differs, or compared whole and mended."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from contracts.base import Table
from lake.pieces import Difference
from serving.copy import copy
from serving.ddl import HISTORY, quoted

_MUCH = 0.1  # share of a table's rows
_FEW = 1000  # rows the planner may guess at


class Edited(Exception):
    """The served table does not hold what was published to it."""


@dataclass(frozen=True)
class Rewriter:
    """Writes to the tables of one schema, in the transaction of one release."""

    connection: sa.Connection
    schema: str
    release_id: int

    def fill(self, table: Table, rows: Iterable[pl.DataFrame]) -> int:
        """Put rows into an empty table; returns how many."""
        marked = (frame.with_columns(from_release=pl.lit(self.release_id)) for frame in rows)
        return copy(self.connection, self.target(table), [*table.names, "from_release"], marked)

    def change(self, table: Table, differences: Iterable[Difference]) -> tuple[int, int]:
        """Take rows out, which move to the history, and put rows in; returns rows compared and rows written.

        Raises Edited, and changes nothing, where a row to be taken out is not there or one to be put in is.
        """
        counts = {"gone": 0, "come": 0}
        compared = 0
        with self.connection.begin_nested():
            for each in differences:
                compared += each.compared
                for side, rows in (("gone", each.gone), ("come", each.come)):
                    if rows.height:
                        if not any(counts.values()):
                            for one in counts:
                                self._make_staging(table, f'"{one} {table.name}"')
                        counts[side] += copy(self.connection, f'"{side} {table.name}"', table.names, [rows])
            if any(counts.values()):
                self._rewrite(table, **counts)
        return compared, sum(counts.values())

    def mend(self, table: Table, rows: Iterable[pl.DataFrame]) -> tuple[int, int]:
        """Make the table hold exactly these rows, which are published already; returns rows compared and written.

        What was never published moves to no history. A row put back is true from when it was before, or
        since its predecessor in the history was replaced, or else from this release.
        """
        names, same_key = quoted(table.names), _same(table.key, "old", "new")
        target, staging, mended = self.target(table), f'"all {table.name}"', f'"mended {table.name}"'
        self._make_staging(table, staging)
        compared = copy(self.connection, staging, table.names, rows)
        self._execute(f"analyze {staging}")
        gone = self._execute(
            f"create temporary table {mended} on commit drop as"
            f" select {_of('old', table.key)}, old.from_release from {target} as old"
            f" where not exists (select from {staging} as new where {same_key} and {_same_row(table, 'old', 'new')})"
        )
        self._execute(f"delete from {target} as new using {mended} as old where {same_key}")
        since = f'(select max(to_release) from {HISTORY}."{table.name}" as old where {same_key})'
        come = self._execute(
            f"insert into {target} ({names}, from_release)"
            f" select {_of('new', table.names)}, coalesce(old.from_release, {since}, :release)"
            f" from {staging} as new left join {mended} as old on {same_key}"
            f" where not exists (select from {target} as old where {same_key})",
            release=self.release_id,
        )
        return compared, gone + come

    def analyze(self, written: Mapping[str, int]) -> None:
        """Refresh the statistics of tables, by name, of which much was written."""
        known = self.connection.execute(
            sa.text(
                "select relname, reltuples from pg_class where relkind = 'r' and relnamespace ="
                " (select oid from pg_namespace where nspname = :schema)"
            ),
            {"schema": self.schema},
        )
        for name, rows in known.all():
            if written.get(name, 0) > _MUCH * max(rows, 0):
                self._execute(f'analyze {self.schema}."{name}"')

    def target(self, table: Table) -> str:
        """The table's quoted name."""
        return f'{self.schema}."{table.name}"'

    def _rewrite(self, table: Table, gone: int, come: int) -> None:
        """Keep what is gone in the history, update the rows whose key stays, delete and insert the others.

        Postgres asks for no foreign key of a row whose keys an update leaves alone.
        """
        names = quoted(table.names)
        target, old_rows, new_rows = self.target(table), f'"gone {table.name}"', f'"come {table.name}"'
        for staging, rows in ((old_rows, gone), (new_rows, come)):
            if rows > _FEW:
                self._execute(f"analyze {staging}")
        replaced = 0
        if gone:
            kept = self._execute(
                f'insert into {HISTORY}."{table.name}" ({names}, from_release, to_release)'
                f" select {_of('old', table.names)}, old.from_release, :release from {target} as old"
                f" join {old_rows} as gone on {_same(table.key, 'old', 'gone')} and {_same_row(table, 'old', 'gone')}",
                release=self.release_id,
            )
            _must_be(gone, kept)
        is_gone = f"exists (select from {old_rows} as gone where {_same(table.key, 'come', 'gone')})"
        if gone and come:
            values = "".join(f'"{name}" = come."{name}", ' for name in table.names if name not in table.key)
            replaced = self._execute(
                f"update {target} as old set {values}from_release = :release"
                f" from {new_rows} as come where {_same(table.key, 'old', 'come')} and {is_gone}",
                release=self.release_id,
            )
        if gone > replaced:
            self._execute(
                f"delete from {target} as old using {old_rows} as gone where {_same(table.key, 'old', 'gone')}"
                f" and not exists (select from {new_rows} as come where {_same(table.key, 'come', 'gone')})"
            )
        if come > replaced:
            added = self._execute(
                f"insert into {target} ({names}, from_release) select {names}, :release from {new_rows} as come"
                f" where not {is_gone} on conflict do nothing",
                release=self.release_id,
            )
            _must_be(come - replaced, added)

    def _make_staging(self, table: Table, name: str) -> None:
        names = quoted(table.names)
        self._execute(
            f"create temporary table {name} on commit drop as select {names} from {self.target(table)} with no data"
        )

    def _execute(self, statement: str, **parameters: object) -> int:
        return self.connection.execute(sa.text(statement), parameters).rowcount


def _must_be(wanted: int, found: int) -> None:
    if found != wanted:
        raise Edited


def _of(side: str, names: Sequence[str]) -> str:
    return ", ".join(f'{side}."{name}"' for name in names)


def _same(names: Sequence[str], one: str, other: str) -> str:
    return " and ".join(f'{one}."{name}" = {other}."{name}"' for name in names)


def _same_row(table: Table, one: str, other: str) -> str:
    return f"row({_of(one, table.names)}) is not distinct from row({_of(other, table.names)})"
