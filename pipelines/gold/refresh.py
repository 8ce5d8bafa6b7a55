"""Gold after a load: only rows a landing can have changed are computed again, where the contract says how to tell.

Rows in scope are computed by the table's own SELECT over inputs that hold no others, put in the place
of the old ones, and only partitions that differ are written. `scopes.py` says which rows are in scope;
that the result equals a rebuild is what the property tests are for.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import duckdb
import polars as pl

from contracts.base import Table
from contracts.registry import tables
from contracts.settings import Settings
from lake import connection, delta, lookup
from lake import release as releases
from lake.release import Release
from lake.writer import Writer
from pipelines import graph
from pipelines.gold import build, causes, changes, scopes
from pipelines.gold.scopes import Scope, Scopes

MOST_WRITING = 3  # tables; with 2 a core waits
MOST = 0.5  # share of the orders changed from which computing everything is quicker


def refresh(
    root: str,
    base: Release | None,
    versions: dict[str, int],
    as_of: date,
    settings: Settings,
    *,
    anew: bool = False,
    on_table: Callable[[str], object] = lambda _: None,
) -> dict[str, int]:
    """Write the gold tables, put their versions into `versions`, and return the rows of each.

    `versions` names silver as it is now, `base` is the release before, `anew` asks for everything to be
    computed again. Both ways give the same rows; a log keeps those it has. `on_table` hears of each
    table that is made.
    """
    silver = {name: version for name, version in versions.items() if name.startswith("silver.")}
    with connection.open_layers(root, silver) as con:
        work = _Refresh(con, root, base, versions, as_of, settings, on_table)
        if base is None:
            return work.anew()
        con.execute(build.MACROS.read_text(encoding="utf-8"))
        changes.find(con, root, base.versions, versions)
        if anew or not _knows_all(base) or scopes.share_of_orders(con) > MOST:
            return work.anew()
        return work.what_changed(base)


def _knows_all(base: Release) -> bool:
    return all(table.full_name in base.versions for table in tables("gold").values())


@dataclass
class _Refresh:
    """The tables of one run, each in turn after what it reads.

    In `con` stand the schemas silver (as it is now), where there is a release before also changed and
    before (see `changes.py`), and gold (tables done so far, as they are now).
    """

    con: duckdb.DuckDBPyConnection
    root: str
    base: Release | None
    versions: dict[str, int]
    as_of: date
    settings: Settings
    on_table: Callable[[str], object]
    prepared: dict[str, Scope] = field(default_factory=dict)
    writer: Writer = field(init=False)

    def anew(self) -> dict[str, int]:
        """Make every table from all of silver; returns the rows of each."""
        counts = build.build(self.con, self.as_of, self.settings)
        if self.base is not None:
            for when, schema in (("before", "before"), ("now", "gold")):
                scopes.touch(self.con, when, f"from {schema}.fct_orders", f"from {schema}.fct_returns")
        for name in counts:
            table = tables("gold")[name]
            rows = self.con.sql(f"select * from gold.{name}").pl()
            base = self.versions[table.full_name]
            self.versions[table.full_name] = delta.write_changes(self.root, table, rows, base)
            self.on_table(name)
        for table in tables("gold").values():
            if table.scope == "log":
                sql = build.as_contracted(table.name, build.models()[table.full_name])
                self.versions[table.full_name] = self._logged(table, sql)
                counts[table.name] = lookup.row_count(self.root, table, self.versions[table.full_name])
        return counts

    def what_changed(self, base: Release) -> dict[str, int]:
        """Bring every table from the release before to what it is now; returns the rows of each."""
        selects = build.models()
        with Writer(self.versions, most=MOST_WRITING) as self.writer:
            for full_name in graph.order(selects):
                table = tables("gold")[full_name.removeprefix("gold.")]
                if table.scope == "whole":
                    self._settle(graph.inputs(selects[full_name]))
                    rows = self._result(table, build.as_contracted(table.name, selects[full_name]))
                    self._write(table, partial(delta.write_changes, self.root, table, rows))
                elif table.scope == "log":
                    self._settle(graph.inputs(selects[full_name]))
                    self.versions[full_name] = self._logged(table, build.as_contracted(table.name, selects[full_name]))
                    self._show(table.full_name)
                else:
                    self._scoped(table, selects[full_name], base)
                self.on_table(table.name)
            self._settle()
        return {
            name: lookup.row_count(self.root, table, self.versions[table.full_name])
            for name, table in tables("gold").items()
        }

    def _write(self, table: Table, how: Callable[[int], int]) -> None:
        """Have the table written while the next ones are made; what had to be waited for is shown."""
        self._show(*self.writer.write(table, how))

    def _settle(self, names: Collection[str] | None = None) -> None:
        """Wait until these tables, or all, are written, and show them as they are now."""
        self._show(*self.writer.wait(names))

    def _show(self, *names: str) -> None:
        for full_name in names:
            table = tables("gold")[full_name.removeprefix("gold.")]
            rows = connection.select_version(self.root, table, self.versions[full_name])
            self.con.execute(f"create view gold.{table.name} as {rows}")

    def _logged(self, table: Table, sql: str) -> int:
        """Add the rows of this release; before the first one there is nothing to compare with."""
        if self.base is None:
            return self.versions[table.full_name]
        changed = self.base.settings != self.settings.model_inputs()
        causes.find(self.con, self.base.as_of, setting_changed=changed)
        rows = self._result(table, sql)
        base = self.versions[table.full_name]
        return delta.append(self.root, table, rows, base) if rows.height else base

    def _result(self, table: Table, sql: str) -> pl.DataFrame:
        self.con.execute("create schema if not exists made")
        parameters = build.parameters_of(sql, self.as_of, self.settings, releases.next_id(self.base))
        build.make(self.con, f"made.{table.name}", sql, parameters)
        rows: pl.DataFrame = self.con.sql(f"select * from made.{table.name}").pl()
        self.con.execute(f"drop table made.{table.name}")
        return rows

    def _scoped(self, table: Table, select: str, base: Release) -> None:
        if table.scope not in self.prepared:
            self._settle(scopes.READS.get(table.scope, ()))
            found = Scopes(self.con, self.root, base.versions, self.versions, base.as_of, self.as_of)
            self.prepared[table.scope] = found.prepare(table.scope)
        scope = self.prepared[table.scope]
        lacking = scope.lacks(graph.inputs(select))
        self._settle(lacking)
        scope.lend(lacking)
        sql = build.as_contracted(table.name, select)
        self.con.execute(f"use {scope.name}")
        try:
            filtered = f"select * from ({sql}) where {scope.predicate}"
            build.make(self.con, table.full_name, filtered, build.parameters_of(sql, self.as_of, self.settings))
        finally:
            self.con.execute("use memory")
        self._merge(table, f"{scope.name}.{table.full_name}", scope)

    def _merge(self, table: Table, new: str, scope: Scope) -> None:
        """Put the rows in scope, as they are now, in the place of those before."""
        before = f"memory.before.{table.name}"
        old = f"select * from ({scope.before(table)}) where {scope.predicate}"
        differing = changes.differing(table, old, f"from {new}")
        if table.partition is None:
            [(differ,)] = self.con.sql(f"select count(*) from ({differing})").fetchall()
            if differ:
                kept = f"select * from {before} where not coalesce({scope.predicate}, false) and {scope.keeps}"
                rows = self.con.sql(f"{kept} union all from {new}").pl()
                self._write(table, partial(_put, self.root, table, rows, None))
                return
        else:
            found = self.con.sql(
                f"select distinct unnest([old.{table.partition}, new.{table.partition}]) as day from ({differing})"
            ).fetchall()
            days = sorted(day for (day,) in found if day is not None)
            if days:
                on_days = f"{table.partition} in ({', '.join(map(build.literal, days))})"
                rows = self.con.sql(
                    f"select * from {before} where {on_days} and not coalesce({scope.predicate}, false)"
                    f" union all select * from {new} where {on_days}"
                ).pl()
                self._write(table, partial(_put, self.root, table, rows, days))
                return
        self._show(table.full_name)


def _put(root: str, table: Table, rows: pl.DataFrame, days: Collection[date] | None, base: int) -> int:
    # In order, so that a damaged file can be made again byte for byte.
    return delta.overwrite(root, table, rows.sort(table.order), base, days)
