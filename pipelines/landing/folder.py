"""What lies in the landing folders: files, their dates and their sources."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from contracts.errors import NoSuchFolder

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
ENDINGS = (".csv.gz", ".csv")


@dataclass(frozen=True)
class LandedFile:
    """One CSV of a landing folder. `source` is None where its name begins with no source."""

    path: Path
    landing_date: date
    source: str | None

    @property
    def name(self) -> str:
        """The bare name with its ending: `source_file` everywhere."""
        return self.path.name

    @property
    def label(self) -> str:
        """`<landing_date>/<name>`, as messages name a file."""
        return f"{self.landing_date}/{self.name}"

    @cached_property
    def file_hash(self) -> str:
        """SHA-256 of the bytes as they landed."""
        with self.path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()


@dataclass(frozen=True)
class Folder:
    """One landing date: its CSVs by name, and what else lies there."""

    landing_date: date
    files: tuple[LandedFile, ...]
    ignored: tuple[str, ...]


def source_of(name: str, sources: Iterable[str]) -> str | None:
    """The longest source that the name without ending equals, or begins with and continues by `_`."""
    stem = next(name.removesuffix(ending) for ending in ENDINGS if name.endswith(ending))
    fitting = [source for source in sources if stem == source or stem.startswith(f"{source}_")]
    return max(fitting, key=len, default=None)


def dates(landing: Path) -> list[date]:
    """The landing dates that have a folder, in order."""
    if not landing.is_dir():
        return []
    return sorted(day for path in landing.iterdir() if path.is_dir() and (day := _date_of(path.name)) is not None)


def read_folder(landing: Path, day: date, sources: Iterable[str]) -> Folder:
    """The folder of a landing date. Raises NoSuchFolder where there is none."""
    folder = landing / day.isoformat()
    if not folder.is_dir():
        raise NoSuchFolder(
            f"There is no landing folder {folder}. Drop the day's CSVs there, or name a date that has one."
        )
    known = list(sources)
    files, ignored = [], []
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name.endswith(ENDINGS) and not path.name.startswith("."):
            files.append(LandedFile(path, day, source_of(path.name, known)))
        else:
            ignored.append(path.name)
    return Folder(day, tuple(files), tuple(ignored))


def _date_of(name: str) -> date | None:
    if not _DATE.fullmatch(name):
        return None
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None
