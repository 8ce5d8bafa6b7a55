"""One served table brought to a release: filled, changed by what differs, or compared whole and mended."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from contracts.base import Table
from lake.pieces import Difference
from serving.copy import copy
from serving.ddl import HISTORY

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
                        staging = f'"{side} {table.name}"'
                        if not counts[side]:
                            self._make_staging(table, staging)
                        counts[side] += copy(self.connection, staging, table.names, [rows])
            if counts["gone"] and self._take_out(table, counts["gone"]) != counts["gone"]:
                raise Edited
            if counts["come"] and self._put_in(table) != counts["come"]:
                raise Edited
        return compared, sum(counts.values())

    def mend(self, table: Table, rows: Iterable[pl.DataFrame]) -> tuple[int, int]:
        """Make the table hold exactly these rows, which are published already; returns rows compared and written.

        What was never published moves to no history. A row put back is true from when it was before, or
        since its predecessor in the history was replaced, or else from this release.
        """
        names, new, same_key, same_row = _spelt(table)
        target, staging, mended = self.target(table), f'"all {table.name}"', f'"mended {table.name}"'
        key = ", ".join(f'old."{name}"' for name in table.key)
        self._make_staging(table, staging)
        compared = copy(self.connection, staging, table.names, rows)
        self._execute(f"analyze {staging}")
        gone = self._execute(
            f"create temporary table {mended} on commit drop as select {key}, old.from_release from {target} as old"
            f" where not exists (select from {staging} as new where {same_key} and {same_row})"
        )
        self._execute(f"delete from {target} as new using {mended} as old where {same_key}")
        since = f'(select max(to_release) from {HISTORY}."{table.name}" as old where {same_key})'
        come = self._execute(
            f"insert into {target} ({names}, from_release)"
            f" select {new}, coalesce(old.from_release, {since}, :release)"
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

    def _take_out(self, table: Table, rows: int) -> int:
        names, _, same_key, same_row = _spelt(table)
        staging = f'"gone {table.name}"'
        if rows > _FEW:
            self._execute(f"analyze {staging}")
        return self._execute(
            f"with gone as (delete from {self.target(table)} as old using {staging} as new"
            f" where {same_key} and {same_row} returning old.*)"
            f' insert into {HISTORY}."{table.name}" ({names}, from_release, to_release)'
            f" select {names}, from_release, :release from gone",
            release=self.release_id,
        )

    def _put_in(self, table: Table) -> int:
        names, new, _, _ = _spelt(table)
        return self._execute(
            f"insert into {self.target(table)} ({names}, from_release) select {new}, :release"
            f' from "come {table.name}" as new on conflict do nothing',
            release=self.release_id,
        )

    def _make_staging(self, table: Table, name: str) -> None:
        names = ", ".join(f'"{column}"' for column in table.names)
        self._execute(
            f"create temporary table {name} on commit drop as select {names} from {self.target(table)} with no data"
        )

    def _execute(self, statement: str, **parameters: object) -> int:
        return self.connection.execute(sa.text(statement), parameters).rowcount


def _spelt(table: Table) -> tuple[str, str, str, str]:
    """The columns; those of `new`; that `new` and `old` have the same key; that they are the same row."""
    new, old = ([f'{side}."{name}"' for name in table.names] for side in ("new", "old"))
    same_key = " and ".join(f'new."{name}" = old."{name}"' for name in table.key)
    same_row = f"row({', '.join(new)}) is not distinct from row({', '.join(old)})"
    return ", ".join(f'"{name}"' for name in table.names), ", ".join(new), same_key, same_row
