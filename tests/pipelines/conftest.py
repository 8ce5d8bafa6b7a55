"""The lake's tables without a row, for checks that are handed each fault they are for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import pytest

from contracts.registry import lake_tables, sources
from pipelines import checks
from pipelines.checks import Result


@dataclass
class EmptyLake:
    """Every table, and the parameters of a run, `run`, as of 2024-01-02."""

    con: duckdb.DuckDBPyConnection
    parameters: dict[str, Any] = field(
        default_factory=lambda: {
            "as_of": date(2024, 1, 2),
            "refund_window_days": 30,
            "run_id": "run",
            "max_reject_ratio": 0.05,
        }
    )

    def put(self, table: str, **values: Any) -> None:
        """One row; the columns not named are null."""
        marks = ", ".join("?" for _ in values)
        self.con.execute(f"insert into {table} ({', '.join(values)}) values ({marks})", list(values.values()))

    def results(self) -> list[Result]:
        """What every check says."""
        return checks.run(self.con, self.parameters)

    def failed(self) -> list[Result]:
        """The checks that failed."""
        return [each for each in self.results() if each.status == "failed"]

    def failed_audit(self, name: str) -> Result | None:
        """What one audit says, run alone; None where it passed."""
        [audit] = [each for each in checks.audits() if each.name == name]
        result = checks.run_one(self.con, audit, self.parameters)
        return result if result.status == "failed" else None


@pytest.fixture(scope="session")
def _tables() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        for layer in ("bronze", "silver", "gold", "quality"):
            con.execute(f"create schema {layer}")
        for name, table in lake_tables().items():
            columns = ", ".join(f"{column} {kind}" for column, kind in table.duckdb_types().items())
            con.execute(f"create table {name} ({columns})")
        yield con


@pytest.fixture
def empty_lake(_tables: duckdb.DuckDBPyConnection) -> Iterator[EmptyLake]:
    """Tables that hold nothing but conservation's record of it."""
    _tables.begin()
    lake = EmptyLake(_tables)
    counts = ("bronze_rows", "current_rows", "superseded_rows", "quarantined_rows")
    for source in sources():
        lake.put("quality.conservation", source=source, **dict.fromkeys(counts, 0))
    yield lake
    _tables.rollback()
