"""One served table brought to a release: filled, changed by what differs, or compared whole and mended."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from contracts.base import Table
from lake.pieces import Difference
from serving.copy import copy
from serving.ddl import HISTORY

_MUCH = 0.1  # share of a table's rows


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
        return copy(self.connection, self._target(table), [*table.names, "from_release"], marked)

    def change(self, table: Table, differences: Iterable[Difference]) -> tuple[int, int]:
        """Take rows out, which move to the history, and put rows in; returns rows compared and rows written.

        Raises Edited, and changes nothing, where a row to be taken out is not there or one to be put in is.
        """
        with self._staging(table, "gone"), self._staging(table, "come"):
            compared = gone = come = 0
            for each in differences:
                compared += each.compared
                gone += copy(self.connection, "gone", table.names, [each.gone])
                come += copy(self.connection, "come", table.names, [each.come])
            if not gone and not come:
                return compared, 0
            with self.connection.begin_nested():
                if self._take_out(table) != gone or self._put_in(table) != come:
                    raise Edited
        return compared, gone + come

    def mend(self, table: Table, rows: Iterable[pl.DataFrame]) -> tuple[int, int]:
        """Make the table hold exactly these rows, which are published already; returns rows compared and written.

        What was never published moves to no history. A row put back is true from when it was before, or
        since its predecessor in the history was replaced, or else from this release.
        """
        names, new, same_key, same_row = _spelt(table)
        key = ", ".join(f'old."{name}"' for name in table.key)
        with self._staging(table, "come"):
            compared = copy(self.connection, "come", table.names, rows)
            self._execute("analyze come")
            self._execute(
                f"create temporary table mended on commit drop as with wrong as (delete from {self._target(table)} as"
                f" old where not exists (select from come as new where {same_key} and {same_row})"
                f" returning {key}, old.from_release) select * from wrong"
            )
            gone = self.connection.scalar(sa.text("select count(*) from mended")) or 0
            since = f'(select max(to_release) from {HISTORY}."{table.name}" as old where {same_key})'
            come = self._execute(
                f"insert into {self._target(table)} ({names}, from_release)"
                f" select {new}, coalesce(old.from_release, {since}, :release)"
                f" from come as new left join mended as old on {same_key}"
                f" where not exists (select from {self._target(table)} as old where {same_key})",
                release=self.release_id,
            )
            self._execute("drop table mended")
        return compared, gone + come

    def analyze(self, table: Table, written: int) -> None:
        """Refresh the table's statistics where much of it is new."""
        known = self.connection.scalar(
            sa.text("select reltuples from pg_class where oid = to_regclass(:name)"), {"name": self._target(table)}
        )
        if written > _MUCH * max(known or 0, 0):
            self._execute(f"analyze {self._target(table)}")

    def _take_out(self, table: Table) -> int:
        names, _, same_key, same_row = _spelt(table)
        self._execute("analyze gone")
        return self._execute(
            f"with gone as (delete from {self._target(table)} as old using gone as new"
            f" where {same_key} and {same_row} returning old.*)"
            f' insert into {HISTORY}."{table.name}" ({names}, from_release, to_release)'
            f" select {names}, from_release, :release from gone",
            release=self.release_id,
        )

    def _put_in(self, table: Table) -> int:
        names, new, _, _ = _spelt(table)
        return self._execute(
            f"insert into {self._target(table)} ({names}, from_release) select {new}, :release from come as new"
            " on conflict do nothing",
            release=self.release_id,
        )

    @contextmanager
    def _staging(self, table: Table, name: str) -> Iterator[None]:
        """A temporary table of the table's columns."""
        names = ", ".join(f'"{column}"' for column in table.names)
        self._execute(f"drop table if exists pg_temp.{name}")  # left by a change that was given up
        self._execute(f"create temporary table {name} as select {names} from {self._target(table)} with no data")
        yield
        self._execute(f"drop table {name}")

    def _execute(self, statement: str, **parameters: object) -> int:
        return self.connection.execute(sa.text(statement), parameters).rowcount

    def _target(self, table: Table) -> str:
        return f'{self.schema}."{table.name}"'


def _spelt(table: Table) -> tuple[str, str, str, str]:
    """The columns; those of `new`; that `new` and `old` have the same key; that they are the same row."""
    new, old = ([f'{side}."{name}"' for name in table.names] for side in ("new", "old"))
    same_key = " and ".join(f'new."{name}" = old."{name}"' for name in table.key)
    same_row = f"row({', '.join(new)}) is not distinct from row({', '.join(old)})"
    return ", ".join(f'"{name}"' for name in table.names), ", ".join(new), same_key, same_row
