"""Builds gold from silver: one SELECT per table, in the order the SELECTs give themselves."""

import re
from collections.abc import Collection
from datetime import date
from pathlib import Path
from string import Template

import duckdb

from contracts import registry
from contracts.base import Table
from contracts.errors import FigureTooLarge, QueryError
from contracts.settings import Settings
from pipelines import graph

FOLDER = Path(__file__).parent
MACROS = FOLDER / "_macros.sql"
PARAMETER = re.compile(r"\$([a-z]\w*)")

Parameters = dict[str, date | int]


def models() -> dict[str, str]:
    """The SELECT of every gold table (`gold.fct_orders`), one file each, the stem its name."""
    files = sorted(FOLDER.glob("[!_]*.sql"))
    return {f"gold.{path.stem}": path.read_text(encoding="utf-8") for path in files}


def parameters_of(sql: str, as_of: date, settings: Settings, release_id: int = 1) -> Parameters:
    """The values of the parameters a model names; DuckDB refuses those it does not.

    Raises QueryError where it names one that no model has.
    """
    values: Parameters = {
        "as_of": as_of,
        "refund_window_days": settings.refund_window_days,
        "min_pair_orders": settings.min_pair_orders,
        "release_id": release_id,
    }
    named = set(PARAMETER.findall(sql))
    if unknown := sorted(named - values.keys()):
        raise QueryError(f"A model reads ${unknown[0]}, which is no parameter. There are ${', $'.join(values)}.")
    return {name: values[name] for name in named}


def build(
    con: duckdb.DuckDBPyConnection,
    as_of: date,
    settings: Settings,
    only: Collection[str] | None = None,
    release_id: int = 1,
) -> dict[str, int]:
    """Make the tables of schema `gold` anew and return the rows of each, in the order they were built.

    `con` has every silver contract as a table or view of schema `silver`; tables come out with the
    columns and types of their gold contracts. `only` names the tables to build (`fct_orders`), what
    they read being there already; without it all but the logs, which need a release before. Raises
    QueryError where models and contracts do not fit, FigureTooLarge where one does not fit its column.
    """
    selects = models()
    con.execute(MACROS.read_text(encoding="utf-8"))
    con.execute("create schema if not exists gold")
    rows = {}
    logs = {table.name for table in registry.tables("gold").values() if table.scope == "log"}
    for full_name in graph.order(selects):
        name = full_name.removeprefix("gold.")
        if name in only if only is not None else name not in logs:
            sql = as_contracted(name, selects[full_name])
            rows[name] = make(con, full_name, sql, parameters_of(sql, as_of, settings, release_id))
    return rows


def literal(day: date) -> str:
    """A date in SQL."""
    return f"date '{day}'"


def run_script(con: duckdb.DuckDBPyConnection, name: str, **values: str) -> None:
    """Run `_<name>.sql` with its $values filled in: dates, flags, and SELECTs of our own making."""
    text = (FOLDER / f"_{name}.sql").read_text(encoding="utf-8")
    con.execute(Template(text).substitute(values))


def as_contracted(name: str, sql: str) -> str:
    """The model with the columns and types of its contract. Raises QueryError where it has none."""
    table: Table | None = registry.tables("gold").get(name)
    if table is None:
        raise QueryError(f"The model pipelines/gold/{name}.sql has no contract. Write contracts/gold/{name}.py.")
    columns = ", ".join(f'cast("{column}" as {kind}) as "{column}"' for column, kind in table.duckdb_types().items())
    return f"select {columns} from (\n{sql}\n)"


def make(con: duckdb.DuckDBPyConnection, full_name: str, sql: str, parameters: Parameters) -> int:
    """Make a table of a SELECT; returns its rows. Raises QueryError and FigureTooLarge as `build` does."""
    try:
        [(rows,)] = con.execute(f"create or replace table {full_name} as {sql}", parameters).fetchall()
    except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
        name = full_name.rpartition(".")[2]
        raise FigureTooLarge(f"gold.{name}", str(error).splitlines()[0]) from None
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as error:
        raise QueryError(f"The model of {full_name} does not run: {error}. Mend its SELECT or its contract.") from None
    return int(rows)
