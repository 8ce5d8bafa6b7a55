"""Which rows of a gold table a landing can have changed, by the scope its contract names.

A scope is a catalog of its own in the connection: where it has a table, a model reads that one, with
rows in scope (and what they need beside them) alone; everything else is lent from the whole. Taking a
row too many into a scope costs time and changes nothing; reading a file too many costs time as well, so
files are chosen by the statistics in the lake's log, which know what an `in` of another query does not.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import polars as pl

from contracts.base import Table
from contracts.registry import lake_tables
from lake import delta, lookup
from lake.connection import select_files
from pipelines.gold import build
from pipelines.gold.build import literal

# How far back a late movement is taken as one of many products' usual days.
RECENT_DAYS = 31
# The longest look back of a stock figure: `avg_daily_shipped_30d`.
WINDOW_DAYS = 30
# What a scope is found by, of gold as it is now.
READS = {"days": ("gold.fct_orders", "gold.fct_returns"), "stock": ("gold.dim_product",)}


@dataclass(frozen=True)
class Scope:
    """The rows to compute again."""

    con: duckdb.DuckDBPyConnection
    name: str  # of the catalog
    predicate: str  # true of a gold row in scope
    keeps: str = "true"  # false of a row out of scope that is no more
    before: Callable[[Table], str] = lambda table: (
        f"select * from memory.before.{table.name}"
    )  # where rows in scope were

    def lacks(self, relations: Collection[str]) -> list[str]:
        """Those the scope does not hold itself."""
        own = {
            f"{schema}.{table}"
            for schema, table in self.con.execute(
                "select table_schema, table_name from information_schema.tables where table_catalog = ?", [self.name]
            ).fetchall()
        }
        return sorted(set(relations) - own)

    def lend(self, relations: Collection[str]) -> None:
        """Let the models of the scope read the whole of these."""
        for relation in relations:
            self.con.execute(f"create view {self.name}.{relation} as select * from memory.{relation}")


@dataclass
class Scopes:
    """Makes the scopes of a run.

    `con` has the schemas `refresh.py` names; `before` and `now` are the versions of the release before and
    of this run, gold as far as it is done.
    """

    con: duckdb.DuckDBPyConnection
    root: str
    before: Mapping[str, int]
    now: Mapping[str, int]
    as_of_before: date
    as_of: date

    def prepare(self, scope: str) -> Scope:
        """Make the scope's catalog and say what is in it."""
        name = f"in_{scope}"
        self.con.execute(f"attach ':memory:' as {name}")
        for schema in ("silver", "gold", "scope"):
            self.con.execute(f"create schema {name}.{schema}")
        made: Scope = {"orders": self._orders, "days": self._days, "stock": self._stock}[scope](name)
        return made

    def _orders(self, name: str) -> Scope:
        """Orders whose own row, lines, returns, products' history or place among their customer's changed."""
        self._run("products")
        [(since,)] = self.con.sql("select min(since) from in_orders.scope.products").fetchall()
        self._run(
            "orders",
            since=literal(since or self.as_of + timedelta(days=1)),
            as_of_before=literal(self.as_of_before),
            as_of=literal(self.as_of),
        )
        self._run("customers", orders=self._holding("silver.orders", self.now, self._ids("orders")))
        self._run("first_orders_before", first_orders=self._first_orders_before())
        self._run("first_orders", later_orders=self._later_orders())
        ids = self._ids("orders")
        self._run(
            "orders_rows",
            orders=self._holding("silver.orders", self.now, ids),
            order_items=self._holding("silver.order_items", self.now, ids),
            returns=self._holding("silver.returns", self.now, ids),
        )
        predicate = f"order_id in (select order_id from {name}.scope.orders)"
        orders, returns = (self._holding(f"gold.{name}", self.before, ids) for name in ("fct_orders", "fct_returns"))
        touch(
            self.con,
            "before",
            f"select * from ({orders}) where {predicate}",
            f"select * from ({returns}) where {predicate}",
        )
        return Scope(self.con, name, predicate, before=lambda table: self._holding(table.full_name, self.before, ids))

    def _first_orders_before(self) -> str:
        """The SELECT over the files that hold, before, the first orders the scope must know by name."""
        found = self.con.sql(
            "select distinct first_order_date from in_orders.scope.customers where first_in_question"
        ).fetchall()
        table = lake_tables()["gold.fct_orders"]
        days = {day for (day,) in found}
        return select_files(table, lookup.files_on(self.root, table, self.before[table.full_name], days))

    def _later_orders(self) -> str:
        """The SELECT over the files of orders placed since one that is first no more."""
        [(since,)] = self.con.sql("select min(since) from in_orders.scope.lost_first").fetchall()
        table = lake_tables()["silver.orders"]
        version = self.now[table.full_name]
        every_day = delta.files_by_partition(self.root, table, version)
        days = [day for day in every_day if since is not None and day >= since]
        return select_files(table, lookup.files_on(self.root, table, version, days))

    def _days(self, name: str) -> Scope:
        """Dates that orders in scope were placed, delivered or returned on, and those that were not there yet."""
        touch(self.con, "now", "from in_orders.gold.fct_orders", "from in_orders.gold.fct_returns")
        orders = lake_tables()["gold.fct_orders"]
        version = self.now[orders.full_name]
        first = min(delta.files_by_partition(self.root, orders, version), default=self.as_of + timedelta(days=1))
        first_day = literal(first)
        self._run("days", as_of_before=literal(self.as_of_before), as_of=literal(self.as_of), first_day=first_day)
        days = sorted(day for (day,) in self.con.sql(f"select date from {name}.scope.days").fetchall())
        listed = ", ".join(map(literal, days)) or "null"
        paths = {*lookup.files_on(self.root, orders, version, {first, *days}), *self._delivered_on(orders, days)}
        self._run("days_rows", orders=select_files(orders, sorted(paths)), days=listed, first_day=first_day)
        self.con.execute(
            f"create table {name}.scope.returned_orders as select distinct order_id from memory.gold.fct_returns"
            f" where return_date in ({listed}) and order_id not in (select order_id from {name}.gold.fct_orders)"
        )
        returned = self.con.sql(f"select order_id from {name}.scope.returned_orders").pl()["order_id"]
        self._run("days_returns", orders=self._holding(orders.full_name, self.now, returned))
        return Scope(self.con, name, f"date in ({listed})", keeps=f"date >= {first_day}")

    def _delivered_on(self, table: Table, days: list[date]) -> list[str]:
        """Files that can hold an order delivered on one of the days, which are in order."""
        statistics = delta.statistics(self.root, table, self.now[table.full_name])
        if "min.delivered_at" not in statistics.columns:
            return delta.files(self.root, table, self.now[table.full_name])
        delivered = statistics.drop_nulls("min.delivered_at").select(
            "path", pl.col("min.delivered_at").dt.date(), pl.col("max.delivered_at").dt.date()
        )
        return [path for path, low, high in delivered.rows() if bisect_left(days, low) < bisect_right(days, high)]

    def _stock(self, name: str) -> Scope:
        """Days from the first movement that came, and every day of products that moved long ago."""
        recent = self.as_of_before - timedelta(days=RECENT_DAYS)
        [(first,)] = self.con.sql(
            f"select min(movement_date) from changed.inventory_movements where movement_date > {literal(recent)}"
        ).fetchall()
        begins = min(first or self.as_of, self.as_of_before + timedelta(days=1))
        opening = literal(begins - timedelta(days=WINDOW_DAYS + 1))
        self._run("stock", recent=literal(recent))
        [(others,)] = self.con.sql(f"select count(*) from {name}.scope.products").fetchall()
        # Without such a product, a bare comparison lets whole files be skipped.
        of_others = f" or product_id in (select product_id from {name}.scope.products)" if others else ""
        self._run("stock_rows", opening=opening, moved_lately=f"movement_date > {opening}{of_others}")
        return Scope(self.con, name, f"(date >= {literal(begins)}{of_others})")

    def _ids(self, scope: str) -> pl.Series:
        ids: pl.Series = self.con.sql(f"select order_id from in_{scope}.scope.orders").pl()["order_id"]
        return ids

    def _holding(self, full_name: str, versions: Mapping[str, int], ids: pl.Series) -> str:
        """The SELECT over the files of a table that can hold one of the orders."""
        table = lake_tables()[full_name]
        return select_files(table, lookup.files_with(self.root, table, versions[full_name], "order_id", ids))

    def _run(self, script: str, **values: str) -> None:
        build.run_script(self.con, f"scope_{script}", **values)


def share_of_orders(con: duckdb.DuckDBPyConnection) -> float:
    """The share of all orders that changed."""
    [(share,)] = con.sql(
        "select (select count(distinct order_id) from changed.orders)"
        " / greatest((select count(*) from silver.orders), 1)"
    ).fetchall()
    return float(share)


def touch(con: duckdb.DuckDBPyConnection, when: str, orders: str, returns: str) -> None:
    """Show the orders and returns a run may have changed: `touched.orders_before`, `touched.returns_now` and so on."""
    con.execute("create schema if not exists touched")
    con.execute(
        f"create table touched.orders_{when} as"
        " select order_id, order_date, cast(delivered_at as date) as delivery_date, is_revenue, is_first_order"
        f" from ({orders})"
    )
    con.execute(f"create table touched.returns_{when} as select order_id, return_id, return_date from ({returns})")
