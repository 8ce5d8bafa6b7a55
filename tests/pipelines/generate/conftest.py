"""One autumn of a small shop, generated once and read with DuckDB as text."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.generate.generate import Summary, generate

SOURCES = ("customers", "products", "stores", "orders", "order_items", "returns", "inventory_movements")


@dataclass(frozen=True)
class Autumn:
    """`query` runs over a view a source: its columns as text, landing_date and position (in landing order)."""

    landing: Path
    summary: Summary
    query: Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def autumn(tmp_path_factory: pytest.TempPathFactory) -> Autumn:
    landing = tmp_path_factory.mktemp("autumn") / "landing"
    summary = generate(landing, start=date(2024, 9, 10), days=100, orders_per_day=30, seed=11)
    con = duckdb.connect()
    for source in SOURCES:
        con.execute(
            f"""create table {source} as
            select * exclude (filename), regexp_extract(filename, '([0-9-]{{10}})/[^/]*$', 1)::date as landing_date,
                row_number() over (order by filename, file_row_number) as position
            from (select *, row_number() over () as file_row_number from read_csv('{landing}/*/{source}.csv',
                all_varchar = true, header = true, filename = true, parallel = false))"""
        )
    con.execute(
        """create view current_orders as
        select * from orders qualify row_number() over (partition by order_id order by position desc) = 1"""
    )
    con.execute(
        """create view current_lines as
        select * from order_items
        qualify row_number() over (partition by order_id, line_number order by position desc) = 1"""
    )
    con.execute(
        """create view current_returns as
        select * from returns qualify row_number() over (partition by return_id order by position desc) = 1"""
    )
    return Autumn(landing, summary, lambda sql: con.execute(sql).fetchall())
