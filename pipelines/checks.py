"""Checks on the tables as written, before any reader sees them.

A check selects offending rows. Keys and nulls are derived from the contracts; the others are the files
of `contracts/audits`, each under a header that says what it detects, why, and how severe it is.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

import contracts
from contracts.base import Table
from contracts.errors import UsageError
from contracts.registry import tables

SAMPLE = 5  # offending rows kept with the result
_HEADER = re.compile(r"^-- (Detects|Why|Severity|Table): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Check:
    """A query that returns offending rows."""

    name: str
    table: str
    severity: str  # blocking or warning
    query: str


@dataclass(frozen=True)
class Result:
    """One row of quality.check_results."""

    check_name: str
    table_name: str
    severity: str
    status: str  # passed or failed
    observed: str
    threshold: str
    sample: str | None

    @property
    def blocks(self) -> bool:
        """Must the run stop."""
        return self.status == "failed" and self.severity == "blocking"


def run(con: duckdb.DuckDBPyConnection, parameters: Mapping[str, object]) -> list[Result]:
    """Every check over a connection whose schemas hold the tables as written."""
    return [_run_one(con, check, parameters) for check in [*_contract_checks(), *audits()]]


def _run_one(con: duckdb.DuckDBPyConnection, check: Check, parameters: Mapping[str, object]) -> Result:
    used = {name: value for name, value in parameters.items() if f"${name}" in check.query}
    offending = con.sql(check.query, params=used).pl()
    sample = offending.head(SAMPLE).write_csv() if offending.height else None
    return Result(
        check.name,
        check.table,
        check.severity,
        "failed" if offending.height else "passed",
        f"{offending.height} offending rows",
        "0 offending rows",
        sample,
    )


def _contract_checks() -> Iterator[Check]:
    for table in tables("gold").values():
        yield _unique_key(table)
        yield _not_null(table)


def _unique_key(table: Table) -> Check:
    key = ", ".join(table.key)
    return Check(
        "unique_key",
        table.full_name,
        "blocking",
        f"select {key}, count(*) as copies from {table.full_name} group by {key} having count(*) > 1 order by {key}",
    )


def _not_null(table: Table) -> Check:
    required = [column.name for column in table.columns if not column.nullable]
    absent = " or ".join(f"{name} is null" for name in required)
    key = ", ".join(table.key)
    return Check(
        "not_null",
        table.full_name,
        "blocking",
        f"select * from {table.full_name} where {absent} order by {key}",
    )


def audits() -> list[Check]:
    """The checks of `contracts/audits`. Raises UsageError where a header is not whole."""
    folder = Path(contracts.__path__[0]) / "audits"
    return [_audit(path) for path in sorted(folder.glob("*.sql"))]


def _audit(path: Path) -> Check:
    query = path.read_text(encoding="utf-8")
    header = dict(_HEADER.findall(query))
    if header.keys() != {"Detects", "Why", "Severity", "Table"}:
        raise UsageError(f"contracts/audits/{path.name} must open with Detects, Why, Severity and Table.")
    return Check(path.stem, header["Table"], header["Severity"], query)
