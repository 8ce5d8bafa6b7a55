"""The served tables as Postgres describes them: the read side needs no contract."""

from dataclasses import dataclass

from contracts.columns import PERSONAL
from contracts.errors import NotFound
from serving.read import Row, Snapshot


@dataclass(frozen=True)
class ServedColumn:
    """A column: its name and its type as Postgres spells it."""

    name: str
    kind: str

    @property
    def is_personal(self) -> bool:
        """Can it tell who somebody is?"""
        return self.name in PERSONAL


@dataclass(frozen=True)
class ServedTable:
    """A served table: a row's grain, its columns in order, its key."""

    name: str
    grain: str
    columns: tuple[ServedColumn, ...]
    key: tuple[str, ...]

    def column(self, name: str) -> ServedColumn | None:
        """The column of a name, None where there is none."""
        return next((column for column in self.columns if column.name == name), None)


async def served_tables(snapshot: Snapshot) -> dict[str, ServedTable]:
    """Every served table by name."""
    found: dict[str, list[Row]] = {}
    for row in await snapshot.rows("served_tables"):
        found.setdefault(row["table_name"], []).append(row)
    return {name: _table(name, rows) for name, rows in found.items()}


async def served_table(snapshot: Snapshot, name: str) -> ServedTable:
    """The table of a name. Raises NotFound."""
    there = await served_tables(snapshot)
    if name not in there:
        raise NotFound(f"There is no table {name[:100]!r}. The tables are {', '.join(there)}.")
    return there[name]


def _table(name: str, rows: list[Row]) -> ServedTable:
    key = sorted((row for row in rows if row["key_position"]), key=lambda row: int(row["key_position"]))
    return ServedTable(
        name,
        rows[0]["grain"] or "",
        tuple(ServedColumn(row["column_name"], row["kind"]) for row in rows),
        tuple(row["column_name"] for row in key),
    )
