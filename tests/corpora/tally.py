"""What a run over a corpus did: each file and row of it, and the table that sums it up."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields

from tests.conftest import Home
from tests.corpora.shape import COLUMNS, CURRENT, SUPERSEDED

_PLACE = "landing_date, source_file, row_number"


@dataclass(frozen=True)
class Tally:
    """One line of the table."""

    corpus: str
    files: int
    rejected: int
    loaded: int
    left: int
    rows: int
    current: int
    superseded: int
    quarantined: int
    crashes: int
    unexplained: int


@dataclass(frozen=True)
class Outcomes:
    """What became of each file and each bronze row of a home."""

    rejected: dict[str, str]  # file to reason
    landed: set[str]
    rows: dict[tuple[str, int], str]  # file and row number to current, superseded or the sorted reasons
    conserved: bool  # the run's own count of each source says the same

    def tally(self, corpus: str, files: int, crashes: int = 0, unexplained: int = 0) -> Tally:
        """Summed up; what is neither rejected nor loaded was left."""
        kinds = Counter(outcome if outcome in {CURRENT, SUPERSEDED} else "" for outcome in self.rows.values())
        rejected, loaded = len(self.rejected), len(self.landed)
        counts = (len(self.rows), kinds[CURRENT], kinds[SUPERSEDED], kinds[""])
        return Tally(corpus, files, rejected, loaded, files - rejected - loaded, *counts, crashes, unexplained)


def outcomes(home: Home) -> Outcomes:
    """Read by SQL from bronze, silver and quarantine, one by one."""
    rejected = {row["source_file"]: row["reason"] for row in home.rows("select * from bronze.rejected_files")}
    landed = {row["source_file"] for row in home.rows("select * from bronze.landed_files")}
    bronze = " union all ".join(f"select {_PLACE} from bronze.{name}" for name in COLUMNS)
    current = " union all ".join(f"select {_PLACE} from silver.{name}" for name in COLUMNS)
    found = home.rows(
        f"""with bronze_rows as ({bronze}),
            current_rows as ({current}),
            bad_rows as (
                select {_PLACE}, array_to_string(list_sort(reasons), ' ') as reasons
                from silver.quarantine where status = 'open'
            )
        select source_file, row_number, reasons, current_rows.row_number is not null as is_current
        from bronze_rows left join current_rows using ({_PLACE}) left join bad_rows using ({_PLACE})"""
    )
    rows = {}
    for row in found:
        outcome = row["reasons"] or (CURRENT if row["is_current"] == "true" else SUPERSEDED)
        rows[row["source_file"], int(row["row_number"])] = outcome
    return Outcomes(rejected, landed, rows, len(rows) == len(found) and _conserved(home, rows))


def _conserved(home: Home, rows: dict[tuple[str, int], str]) -> bool:
    told = home.rows("select * from quality.conservation")
    kinds = Counter(outcome if outcome in {CURRENT, SUPERSEDED} else "" for outcome in rows.values())
    sums = [sum(int(row[f"{each}_rows"]) for row in told) for each in ("bronze", CURRENT, SUPERSEDED, "quarantined")]
    return sums == [len(rows), kinds[CURRENT], kinds[SUPERSEDED], kinds[""]]


def show(tallies: Sequence[Tally]) -> None:
    """The table, to standard output."""
    names = [each.name for each in fields(Tally)]
    table = [names, *([str(getattr(tally, name)) for name in names] for tally in tallies)]
    widths = [max(len(line[column]) for line in table) for column in range(len(names))]
    for line in table:
        sys.stdout.write("\n" + "  ".join(value.rjust(width) for value, width in zip(line, widths, strict=True)))
    sys.stdout.write("\n")
