"""Checks on the tables as written, before any reader sees them.

A check selects offending rows. Keys and nulls are derived from the contracts; the others are the files
of `contracts/audits`, each under a header that says what it detects, why, how severe it is, and where
that is not plain, what to do. A query whose rows have `observed` and `threshold` says in them what it
saw and what it allows.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

import contracts
from contracts.base import Table
from contracts.errors import CheckFailed, FigureTooLarge, RunStopped, TooManyRejects, UsageError
from contracts.registry import tables
from pipelines.gold.build import PARAMETER

SAMPLE = 5  # offending rows kept with the result
FITS = "fits_its_type"
REJECT_SHARE = "reject_share"  # the breaker; an error of its own, because it is the landing that is at fault
_HEADER = re.compile(r"^-- (Detects|Why|Severity|Table|Remedy): (.+)$", re.MULTILINE)
_REQUIRED = {"Detects", "Why", "Severity", "Table"}
_OUR_FAULT = "Run `tillhouse rebuild`; if it fails again, report it with these rows"


@dataclass(frozen=True)
class Check:
    """A query that returns offending rows."""

    name: str
    table: str
    severity: str  # blocking or warning
    query: str
    remedy: str = _OUR_FAULT


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
    remedy: str = _OUR_FAULT

    def record(self) -> dict[str, str | None]:
        """The row of quality.check_results, without its run."""
        return {name: value for name, value in vars(self).items() if name != "remedy"}

    @property
    def blocks(self) -> bool:
        """Must the run stop."""
        return self.status == "failed" and self.severity == "blocking"


def stopped_by(result: Result) -> RunStopped:
    """The error of a run that a blocking check stops."""
    kind = TooManyRejects if result.check_name == REJECT_SHARE else CheckFailed
    return kind(
        f"The check {result.check_name} of {result.table_name} found {result.observed}, where {result.threshold} "
        f"is allowed; nothing was published. {result.remedy}. The first of them:\n{result.sample}"
    )


def too_large(error: FigureTooLarge) -> Result:
    """What is recorded of a sum that does not fit its type: there is no table then for a query to find it in."""
    return Result(FITS, error.table, "blocking", "failed", error.said, "each figure fits its type", None)


def run(con: duckdb.DuckDBPyConnection, parameters: Mapping[str, object]) -> list[Result]:
    """Every check over a connection whose schemas hold the tables as written."""
    return [*_made(), *(run_one(con, check, parameters) for check in every())]


def _made() -> Iterator[Result]:
    for table in tables("gold").values():
        yield Result(
            FITS, table.full_name, "blocking", "passed", "each figure fits its type", "each figure fits its type", None
        )


def every() -> list[Check]:
    """Those of the contracts and those of `contracts/audits`."""
    return [*_contract_checks(), *audits()]


def run_one(con: duckdb.DuckDBPyConnection, check: Check, parameters: Mapping[str, object]) -> Result:
    """One check. `parameters` has a value for each parameter its query names."""
    used = {name: parameters[name] for name in set(PARAMETER.findall(check.query))}
    offending = con.sql(check.query, params=used).pl()
    said = {"observed": f"{offending.height} offending rows", "threshold": "0 offending rows"}
    if offending.height:
        said |= {name: str(offending[name][0]) for name in said if name in offending.columns}
    sample = offending.drop(list(said), strict=False).head(SAMPLE).write_csv() if offending.height else None
    status = "failed" if offending.height else "passed"
    return Result(check.name, check.table, check.severity, status, **said, sample=sample, remedy=check.remedy)


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
    if header.keys() - {"Remedy"} != _REQUIRED:
        raise UsageError(f"contracts/audits/{path.name} must open with Detects, Why, Severity and Table.")
    return Check(path.stem, header["Table"], header["Severity"], query, header.get("Remedy", _OUR_FAULT))
