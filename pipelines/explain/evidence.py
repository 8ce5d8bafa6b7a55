"""What an explanation is made of: amounts, the rules behind them, and the landed values they came from."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from contracts.settings import Settings
from lake import release as releases
from lake.connection import over
from lake.release import Release
from pipelines.explain.rules import Rule

Row = dict[str, Any]
_QUERIES = Path(__file__).parent / "queries"


@dataclass(frozen=True)
class Cite:
    """One value of one landed record, as text; null where it is empty or the file has no such column."""

    file: str  # <landing_date>/<source_file>
    row: int  # number of the record, from 1 after the header
    column: str
    value: str | None


@dataclass(frozen=True)
class Amount:
    """A figure, how it was made, and the landed values that went into it at this step."""

    name: str
    value: Decimal | int | bool | None
    rule: str
    sentence: str
    formula: str
    cites: tuple[Cite, ...] = ()

    @property
    def decimal(self) -> Decimal:
        """The value as a number; an unknown one is no number. Raises TypeError."""
        if not isinstance(self.value, Decimal):
            raise TypeError(f"{self.name} is {self.value!r}, no amount of money")
        return self.value


@dataclass(frozen=True)
class Proof:
    """The parts added up beside the figure of gold that they must equal; null where it is unknown."""

    name: str  # <table>.<column>, and which row of it where there are several
    parts: Decimal | int | None
    gold: Decimal | int | None

    @property
    def difference(self) -> Decimal | int | None:
        """The parts less what gold says; null where either is unknown."""
        return None if self.parts is None or self.gold is None else self.parts - self.gold

    @property
    def agrees(self) -> bool:
        """Are they equal, to the last digit?"""
        return self.parts == self.gold


@contextmanager
def opened(settings: Settings, at: int | None) -> Iterator[tuple[Release, duckdb.DuckDBPyConnection]]:
    """A release (default: the one in force) and a DuckDB over exactly it. Raises NotFound before the first."""
    release = releases.pinned(settings, at)
    with over(settings, release) as con:
        yield release, con


def amount(
    name: str, value: Decimal | int | bool | None, rule: Rule, cites: Sequence[Cite] = (), /, **given: object
) -> Amount:
    """An amount by a rule, its formula filled in with `given`."""
    return Amount(name, value, rule.name, rule.sentence, rule.fill(**given), tuple(cites))


def rows(con: duckdb.DuckDBPyConnection, query: str, **parameters: object) -> list[Row]:
    """The rows of a query of this folder, each by column name."""
    con.execute((_QUERIES / f"{query}.sql").read_text(encoding="utf-8"), parameters or None)
    names = [column[0] for column in con.description or ()]
    return [dict(zip(names, row, strict=True)) for row in con.fetchall()]


def file_of(row: Mapping[str, Any]) -> str:
    """`<landing_date>/<source_file>` of a row with its provenance."""
    return f"{row['landing_date']}/{row['source_file']}"


def place_of(row: Mapping[str, Any]) -> tuple[date, str, int]:
    """What names a landed record within its source."""
    return row["landing_date"], row["source_file"], row["row_number"]


def cite(row: Mapping[str, Any], *columns: str) -> tuple[Cite, ...]:
    """Columns of a landed record, as text."""
    return tuple(Cite(file_of(row), row["row_number"], column, row[column]) for column in columns)
