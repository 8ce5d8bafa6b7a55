"""Rows in, rows out: every case of tests/models/gold/<table>.yaml through the real models.

A case is `{as_of, release_id?, settings?, given: {silver.orders: [rows]}, expect: [rows], ctes?: {name: [rows]}}`.
Beside silver and gold, `before.<gold table>` is the release before, changed.causes what became of a date's orders.

- Tables not given are empty. Gold tables that the model reads are built from silver by their own models,
  unless the case gives them.
- An omitted column of a given row is null where the contract allows it, else what DEFAULTS or DERIVED say
  here, else an error that names it.
- `expect` names every column of the contract but hashes, `ctes` the columns the case is about; rows are
  compared as multisets, both ways. Money is quoted text, a ratio may be a fraction such as "1/3".
"""

import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from contracts import registry
from contracts.base import Table
from contracts.settings import Settings
from pipelines import graph
from pipelines.gold import build as gold

CASES = Path(__file__).parent / "gold"
HASHES = {"product_key", "alert_id"}
# What no figure of gold depends on; given rows need not say it.
DEFAULTS = {
    "landing_date": "2024-01-01",
    "ingested_at": "2024-01-01",
    "source_file": "given.csv",
    "row_number": "1",
    "row_hash": "0123456789abcdef",
    "currency": "USD",
    "order_date": "2024-01-01",  # of a line; an order's is DERIVED
}
UNREAD = {"orders", "customers", "stores"}  # of which no model reads updated_at
# What silver itself makes of another column.
DERIVED = {
    ("orders", "order_date"): "created_at",
    ("returns", "return_date"): "returned_at",
    ("inventory_movements", "movement_date"): "occurred_at",
}

CAUSES = {"date": "DATE", "cause": "VARCHAR"}

Row = dict[str, Any]


@cache
def cases_of(table: str) -> dict[str, Row]:
    return yaml.safe_load((CASES / f"{table}.yaml").read_text(encoding="utf-8"))


def all_cases() -> list[Any]:
    return [
        pytest.param(path.stem, name, id=f"{path.stem}: {name}")
        for path in sorted(CASES.glob("*.yaml"))
        for name in cases_of(path.stem)
    ]


@cache
def settings_of(**inputs: int) -> Settings:
    return Settings(home=CASES, **({"refund_window_days": 30, "min_pair_orders": 5} | inputs))


@pytest.fixture(scope="module")
def empty_silver() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("create schema silver; create schema gold; create schema before; create schema changed")
        for table in registry.tables("silver").values():
            make_table(con, table.full_name, table.duckdb_types(), [])
        for table in registry.tables("gold").values():
            make_table(con, f"before.{table.name}", table.duckdb_types(), [])
        make_table(con, "changed.causes", CAUSES, [])
        yield con


@pytest.fixture
def con(empty_silver: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with empty silver tables and no gold; what a test makes is gone after it."""
    empty_silver.execute("begin")
    yield empty_silver
    empty_silver.execute("rollback")


def written(value: Any, kind: str, column: str) -> str | float | list[str] | None:
    """A YAML value as DuckDB is to read it."""
    if value is None:
        return None
    if kind.endswith("[]"):
        return list(value)
    if kind.startswith("DECIMAL") and not isinstance(value, str):
        raise TypeError(f"{column}: {value!r} is money; quote it.")
    if kind == "DOUBLE":
        return float(Fraction(str(value)))
    if isinstance(value, float):
        raise TypeError(f"{column}: {value!r} is no {kind}.")
    return str(value)


def omitted(table: Table, column: str, row: Row) -> Any:
    if table.layer == "silver":
        if source := DERIVED.get((table.name, column)):
            return str(row[source])[:10]
        if column in DEFAULTS:
            return DEFAULTS[column]
        if column == "updated_at" and table.name in UNREAD:
            return DEFAULTS["ingested_at"]
    raise LookupError(f"{table.full_name}: a given row does not say {column}, and there is no default for it.")


def make_table(con: duckdb.DuckDBPyConnection, name: str, types: dict[str, str], rows: list[list[Any]]) -> None:
    columns = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
    con.execute(f"create or replace table {name} ({columns})")
    if rows:
        places = ", ".join("?" for _ in types)
        con.executemany(f"insert into {name} values ({places})", rows)


def make_given(con: duckdb.DuckDBPyConnection, full_name: str, rows: list[Row]) -> None:
    if full_name == "changed.causes":
        make_table(con, full_name, CAUSES, [[row[name] for name in CAUSES] for row in rows])
        return
    table = registry.lake_tables()[full_name.replace("before.", "gold.")]
    types = table.duckdb_types()
    nullable = {column.name for column in table.columns if column.nullable}
    for row in rows:
        if unknown := row.keys() - types.keys():
            raise LookupError(f"{table.full_name} has no column {', '.join(sorted(unknown))}.")
    values = [
        [
            written(row.get(name) if name in row or name in nullable else omitted(table, name, row), kind, name)
            for name, kind in types.items()
        ]
        for row in rows
    ]
    make_table(con, full_name, types, values)


def needed(table: str, given: set[str]) -> set[str]:
    """The models to build: the table's own and, as far as they are not given, those it reads."""
    models = gold.models()
    found, ahead = set(), [f"gold.{table}"]
    while ahead:
        name = ahead.pop()
        found.add(name.removeprefix("gold."))
        ahead += [read for read in graph.inputs(models[name]) if read in models and read not in given]
    return found


def compare(con: duckdb.DuckDBPyConnection, actual: str, types: dict[str, str], expected: list[Row]) -> None:
    for row in expected:
        if row.keys() != types.keys():
            raise LookupError(f"An expected row names {sorted(row)}, the table has {sorted(types)}.")
    values = [[written(row[name], kind, name) for name, kind in types.items()] for row in expected]
    make_table(con, "expected", types, values)
    # A ratio is equal when 12 places are.
    names = ", ".join(f'round("{name}", 12)' if kind == "DOUBLE" else f'"{name}"' for name, kind in types.items())
    unexpected = con.execute(f"select {names} from ({actual}) except all select {names} from expected").fetchall()
    missing = con.execute(f"select {names} from expected except all select {names} from ({actual})").fetchall()
    shown = [f"unexpected {row}" for row in sorted(unexpected, key=str)]
    shown += [f"missing    {row}" for row in sorted(missing, key=str)]
    assert not shown, "\n".join([f"columns    {tuple(types)}", *shown])


def compare_cte(con: duckdb.DuckDBPyConnection, table: str, cte: str, case: Row, settings: Settings) -> None:
    sql = gold.models()[f"gold.{table}"]
    ctes = sql[: re.search("^select", sql, re.MULTILINE).start()]
    query = f"{ctes} select * from {cte}"
    con.execute(f"create or replace table cte as {query}", gold.parameters_of(query, case["as_of"], settings))
    expected = case["ctes"][cte]
    types = {name: kind for name, kind, *_ in con.execute("describe cte").fetchall() if name in expected[0]}
    compare(con, "select * from cte", types, expected)


@pytest.mark.parametrize(("table", "name"), all_cases())
def test_a_gold_model_makes_of_the_given_rows_exactly_the_expected_ones(
    con: duckdb.DuckDBPyConnection, table: str, name: str
) -> None:
    case = cases_of(table)[name]
    assert case.keys() <= {"as_of", "release_id", "settings", "given", "expect", "ctes"}
    assert isinstance(case["as_of"], date)
    settings = settings_of(**case.get("settings", {}))
    given, contract = case["given"], registry.tables("gold")[table]
    for full_name, rows in given.items():
        make_given(con, full_name, rows)
    gold.build(con, case["as_of"], settings, only=needed(table, set(given)), release_id=case.get("release_id", 1))
    named = set(case["expect"][0]) if case["expect"] else set(contract.names)
    types = {name: kind for name, kind in contract.duckdb_types().items() if name in named or name not in HASHES}
    compare(con, f"select * from {contract.full_name}", types, case["expect"])
    for cte in case.get("ctes", {}):
        compare_cte(con, table, cte, case, settings)


def test_every_gold_model_has_cases_and_every_file_of_cases_a_model() -> None:
    models = {name.removeprefix("gold.") for name in gold.models()}
    files = {path.stem for path in CASES.glob("*.yaml")}
    assert files == models, f"write or remove tests/models/gold/<table>.yaml of {sorted(files ^ models)}"


@pytest.mark.parametrize("table", [path.stem for path in sorted(CASES.glob("*.yaml"))])
def test_every_gold_model_is_tried_without_any_row_and_with_some(table: str) -> None:
    cases = cases_of(table).values()
    assert any(not case["given"] for case in cases), f"{table}.yaml has no case with `given: {{}}`"
    assert any(case["given"] for case in cases) or not graph.inputs(gold.models()[f"gold.{table}"])
