"""Gold after a load: only rows a landing can have changed are computed again, where the contract says how to tell.

Rows in scope are computed by the table's own SELECT over inputs that hold no others, put in the place
of the old ones, and only partitions that differ are written. `scopes.py` says which rows are in scope;
that the result equals a rebuild is what the property tests are for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb

from contracts.base import Table
from contracts.registry import tables
from contracts.settings import Settings
from lake import connection, delta, lookup
from pipelines import graph
from pipelines.gold import build, changes, scopes
from pipelines.gold.scopes import Scope

MOST = 0.5  # share of the orders changed from which computing everything is quicker


@dataclass(frozen=True)
class Base:
    """The release a run goes on from."""

    versions: Mapping[str, int]
    as_of: date


def refresh(root: str, base: Base | None, versions: dict[str, int], as_of: date, settings: Settings) -> dict[str, int]:
    """Write the gold tables, put their versions into `versions`, and return the rows of each.

    `versions` names silver as it is now. `base` is the release before, or None where all must be
    computed. Both ways give the same rows.
    """
    upstream = {name: version for name, version in versions.items() if not name.startswith("gold.")}
    with connection.open_layers(root, upstream) as con:
        if base is None or any(table.full_name not in base.versions for table in tables("gold").values()):
            return _whole(con, root, versions, as_of, settings)
        changes.find(con, root, base.versions, versions)
        if scopes.share_of_orders(con) > MOST:
            return _whole(con, root, versions, as_of, settings)
        return _Refresh(con, root, base, versions, as_of, settings).run()


def _whole(
    con: duckdb.DuckDBPyConnection, root: str, versions: dict[str, int], as_of: date, settings: Settings
) -> dict[str, int]:
    counts = build.build(con, as_of, settings)
    for name in counts:
        table = tables("gold")[name]
        rows = con.sql(f"select * from gold.{name}").pl()
        versions[table.full_name] = delta.write_changes(root, table, rows, versions[table.full_name])
    return counts


@dataclass
class _Refresh:
    """The tables of one run, each in turn after what it reads.

    In `con` stand the schemas silver (as it is now), changed and before (see `changes.py`), and gold
    (tables done so far, as they are now).
    """

    con: duckdb.DuckDBPyConnection
    root: str
    base: Base
    versions: dict[str, int]
    as_of: date
    settings: Settings
    scopes: dict[str, Scope] = field(default_factory=dict)

    def run(self) -> dict[str, int]:
        """Bring every table up to date; returns the rows of each."""
        self.con.execute(build.MACROS.read_text(encoding="utf-8"))
        for table in tables("gold").values():
            # A run that begins anew stands on the release before.
            self.versions[table.full_name] = self.base.versions[table.full_name]
        counts = {}
        selects = build.models()
        for full_name in graph.order(selects):
            name = full_name.removeprefix("gold.")
            table = tables("gold")[name]
            sql = build.as_contracted(name, selects[full_name])
            self.versions[full_name] = self._whole(table, sql) if table.scope == "whole" else self._scoped(table, sql)
            select = connection.select_version(self.root, table, self.versions[full_name])
            self.con.execute(f"create view gold.{name} as {select}")
            counts[name] = lookup.row_count(self.root, table, self.versions[full_name])
        return counts

    def _whole(self, table: Table, sql: str) -> int:
        build.make(self.con, "memory.main.result", sql, build.parameters_of(sql, self.as_of, self.settings))
        rows = self.con.sql("select * from memory.main.result").pl()
        return delta.write_changes(self.root, table, rows, self.base.versions[table.full_name])

    def _scoped(self, table: Table, sql: str) -> int:
        if table.scope not in self.scopes:
            self.scopes[table.scope] = scopes.prepare(table.scope, self.con, self.base.as_of, self.as_of)
        scope = self.scopes[table.scope]
        scope.lend(graph.inputs(sql))
        self.con.execute(f"use {scope.name}")
        try:
            filtered = f"select * from ({sql}) where {scope.predicate}"
            build.make(self.con, table.full_name, filtered, build.parameters_of(sql, self.as_of, self.settings))
        finally:
            self.con.execute("use memory")
        return self._merge(table, f"{scope.name}.{table.full_name}", scope)

    def _merge(self, table: Table, new: str, scope: Scope) -> int:
        """Put the rows in scope, as they are now, in the place of those before; returns the version that has them."""
        base = self.base.versions[table.full_name]
        before = f"memory.before.{table.name}"
        old = f"select * from {before} where {scope.predicate}"
        differing = f"((from {new} except all ({old})) union all (({old}) except all from {new}))"
        if table.partition is None:
            [(differ,)] = self.con.sql(f"select count(*) from {differing}").fetchall()
            if not differ:
                return base
            kept = f"select * from {before} where not coalesce({scope.predicate}, false) and {scope.keeps}"
            return delta.overwrite(self.root, table, self.con.sql(f"{kept} union all from {new}").pl().sort(table.key))
        found = self.con.sql(f"select distinct {table.partition} from {differing} order by 1").fetchall()
        days = [day for (day,) in found]
        if not days:
            return base
        listed = ", ".join(f"date '{day}'" for day in days)
        on_days = f"{table.partition} in ({listed})"
        rows = self.con.sql(
            f"select * from {before} where {on_days} and not coalesce({scope.predicate}, false)"
            f" union all select * from {new} where {on_days}"
        ).pl()
        return delta.overwrite(self.root, table, rows.sort(table.partition, *table.key), days)
