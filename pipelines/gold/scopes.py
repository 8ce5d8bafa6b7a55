"""Which rows of a gold table a landing can have changed, by the scope its contract names.

A scope is a catalog of its own in the connection: where it has a table, a model reads that one, with
rows in scope (and what they need beside them) alone; everything else is lent from the whole. Taking a
row too many into a scope costs time and changes nothing.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from string import Template

import duckdb

# How far back a late movement is taken as one of many products' usual days.
RECENT_DAYS = 31
# The longest look back of a stock figure: `avg_daily_shipped_30d`.
WINDOW_DAYS = 30
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Scope:
    """The rows to compute again."""

    con: duckdb.DuckDBPyConnection
    name: str  # of the catalog
    predicate: str  # true of a gold row in scope
    keeps: str = "true"  # false of a row out of scope that is no more

    def lend(self, relations: Collection[str]) -> None:
        """Let the models of the scope read the whole of what it does not hold itself."""
        own = {
            f"{schema}.{table}"
            for schema, table in self.con.execute(
                "select table_schema, table_name from information_schema.tables where table_catalog = ?", [self.name]
            ).fetchall()
        }
        for relation in sorted(set(relations) - own):
            self.con.execute(f"create view {self.name}.{relation} as select * from memory.{relation}")


def share_of_orders(con: duckdb.DuckDBPyConnection) -> float:
    """The share of all orders that changed."""
    [(share,)] = con.sql(
        "select (select count(distinct order_id) from changed.orders)"
        " / greatest((select count(*) from silver.orders), 1)"
    ).fetchall()
    return float(share)


def prepare(scope: str, con: duckdb.DuckDBPyConnection, as_of_before: date, as_of: date) -> Scope:
    """Make the scope's catalog and say what is in it."""
    name = f"in_{scope}"
    con.execute(f"attach ':memory:' as {name}")
    for schema in ("silver", "gold", "scope"):
        con.execute(f"create schema {name}.{schema}")
    return _PREPARE[scope](con, name, as_of_before, as_of)


def _run(con: duckdb.DuckDBPyConnection, name: str, **values: date) -> None:
    """Run `_scope_<name>.sql` with its $values filled in: dates alone."""
    text = (_FOLDER / f"_scope_{name}.sql").read_text(encoding="utf-8")
    con.execute(Template(text).substitute({key: f"date '{day}'" for key, day in values.items()}))


def _orders(con: duckdb.DuckDBPyConnection, name: str, _: date, as_of: date) -> Scope:
    [(since,)] = con.sql("select min(updated_at)::date from changed.product_versions").fetchall()
    _run(con, "orders", since=since or as_of + timedelta(days=1))
    return Scope(con, name, f"order_id in (select order_id from {name}.scope.orders)")


def _days(con: duckdb.DuckDBPyConnection, name: str, as_of_before: date, as_of: date) -> Scope:
    _run(con, "days", as_of_before=as_of_before, as_of=as_of)
    return Scope(
        con,
        name,
        f"date in (select date from {name}.scope.days)",
        keeps="date >= (select min(order_date) from memory.gold.fct_orders)",
    )


def _stock(con: duckdb.DuckDBPyConnection, name: str, as_of_before: date, as_of: date) -> Scope:
    recent = as_of_before - timedelta(days=RECENT_DAYS)
    [(first,)] = con.sql(
        f"select min(movement_date) from changed.inventory_movements where movement_date > date '{recent}'"
    ).fetchall()
    begins = min(first or as_of, as_of_before + timedelta(days=1))
    opening = begins - timedelta(days=WINDOW_DAYS + 1)
    _run(con, "stock", recent=recent, opening=opening)
    return Scope(
        con, name, f"(date >= date '{begins}' or product_id in (select product_id from {name}.scope.products))"
    )


_PREPARE: dict[str, Callable[[duckdb.DuckDBPyConnection, str, date, date], Scope]] = {
    "orders": _orders,
    "days": _days,
    "stock": _stock,
}
