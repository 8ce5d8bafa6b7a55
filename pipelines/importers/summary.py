"""What an import did: every row of the export in exactly one class, and what was written."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class ImportedSheet:
    """One table of a file, and what is worth saying about it."""

    label: str
    rows: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class RowClass:
    """Rows of the export that mean the same: mapped to a source, or left out (mapped_as is None)."""

    name: str
    mapped_as: str | None
    rows: int


@dataclass(frozen=True)
class ImportSummary:
    """The outcome of an import. The rows of `classes` sum to the rows of `sheets`."""

    title: str
    currency: str
    currency_written: bool  # into tillhouse.toml, which named none
    sheets: tuple[ImportedSheet, ...]
    classes: tuple[RowClass, ...]
    notes: tuple[str, ...]
    landed: dict[str, int]  # source -> rows written
    folders: tuple[Path, ...]  # landing folders, by date
    changed_files: int  # landing files that were not there or had other content
    details: Path  # a CSV of every row left out or mapped in part, and why
    first_date: date | None  # landing dates; None where nothing was mapped
    last_date: date | None

    @property
    def rows(self) -> int:
        """Rows of the export."""
        return sum(sheet.rows for sheet in self.sheets)

    @property
    def mapped(self) -> int:
        """Rows that became something."""
        return sum(kind.rows for kind in self.classes if kind.mapped_as is not None)

    @property
    def left_out(self) -> int:
        """Rows that became nothing; `classes` says why."""
        return self.rows - self.mapped

    def lines(self) -> list[str]:
        """The summary as plain text, line by line."""
        said = [self.title, "", f"{'rows':>12}  read from"]
        said += [f"{sheet.rows:>12,}  {sheet.label}{_in_brackets(sheet.notes)}" for sheet in _shortened(self.sheets)]
        said += ["", f"{'rows':>12}  became"]
        said += [
            f"{kind.rows:>12,}  {kind.name}{' -> ' + kind.mapped_as if kind.mapped_as else ' (left out)'}"
            for kind in self.classes
        ]
        said += [f"{self.rows:>12,}  in all: {self.mapped:,} mapped, {self.left_out:,} left out", ""]
        said += [f"{'rows':>12}  landed as"]
        said += [f"{rows:>12,}  {source}" for source, rows in self.landed.items()]
        said.append("")
        if self.folders:
            said.append(
                f"{len(self.folders):,} landing folders from {self.first_date} to {self.last_date},"
                f" {self.changed_files:,} files new or changed. Amounts are {self.currency}"
                + (", now written to tillhouse.toml." if self.currency_written else ".")
            )
        said += [f"Note: {note}." for note in self.notes]
        said.append(f"Each row left out or matched in part: {self.details}")
        return said


_SHEETS_SHOWN = 6


def _shortened(sheets: tuple[ImportedSheet, ...]) -> list[ImportedSheet]:
    if len(sheets) <= _SHEETS_SHOWN:
        return list(sheets)
    rest = sheets[_SHEETS_SHOWN - 1 :]
    notes = Counter(note for sheet in rest for note in sheet.notes)
    return [
        *sheets[: _SHEETS_SHOWN - 1],
        ImportedSheet(
            f"{len(rest)} more, to {rest[-1].label}",
            sum(sheet.rows for sheet in rest),
            tuple(f"{note}: {count} files" for note, count in notes.items()),
        ),
    ]


def _in_brackets(notes: tuple[str, ...]) -> str:
    return f" ({'; '.join(notes)})" if notes else ""
