"""What lies in the landing folders: files, their dates and their sources."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from contracts.errors import NoSuchFolder
from lake import durable
from pipelines.landing import arrival
from pipelines.landing.arrival import Look, StillArriving
from pipelines.landing.preflight import Limits

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
ENDINGS = (".csv.gz", ".csv")


@dataclass(frozen=True)
class LandedFile:
    """One CSV of a landing folder. `source` is None where its name begins with no source."""

    path: Path
    landing_date: date
    source: str | None
    look: Look | None = field(default=None, compare=False)  # at it when it was found

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
        """SHA-256 of the bytes as they landed. Raises StillArriving where they cannot be read."""
        return arrival.digest(self.path)

    @property
    def size(self) -> int:
        """Bytes as they landed, when the file was found."""
        return self.look.size if self.look else self.path.stat().st_size

    def read_bytes(self, limits: Limits) -> bytes:
        """The bytes as they landed, read once: their hash is `file_hash` from here on.

        Raises Unreadable over the limits; StillArriving where they are not those that were found, or cannot
        be read.
        """
        data = arrival.read_bytes(self.path, self.look, limits)
        self._require_hash(hashlib.sha256(data).hexdigest())
        return data

    def copy_to(self, target: Path) -> None:
        """Keep the bytes elsewhere, safe from a power cut.

        Raises StillArriving where they are not those of `file_hash` any more.
        """
        durable.make_folder(target.parent)
        try:
            self._require_hash(arrival.copy(self.path, target))
        except StillArriving:
            target.unlink(missing_ok=True)
            raise
        for path in (target, target.parent):
            durable.sync(path)

    def _require_hash(self, found: str) -> None:
        # The first reading is what every later one must equal.
        if vars(self).setdefault("file_hash", found) != found:
            raise StillArriving("it changed between two readings; run again when it is complete")


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


def misplaced(landing: Path) -> list[tuple[str, str]]:
    """What lies beside the folders of a date, by name, and why it is not loaded; hidden names are left out."""
    if not landing.is_dir():
        return []
    others = sorted(path for path in landing.iterdir() if not path.name.startswith("."))
    return [
        (path.name, f"not {'' if path.is_dir() else 'in '}a folder of a date (YYYY-MM-DD)")
        for path in others
        if not path.is_dir() or _date_of(path.name) is None
    ]


def place(landing: Path, day: date) -> Path:
    """The folder of a landing date. Raises NoSuchFolder where there is none."""
    folder = landing / day.isoformat()
    if not folder.is_dir():
        raise NoSuchFolder(
            f"There is no landing folder {folder}. Drop the day's CSVs there, or name a date that has one."
        )
    return folder


def read_folder(landing: Path, day: date, sources: Iterable[str]) -> Folder:
    """What a landing date's folder holds. Raises NoSuchFolder where there is none."""
    folder = place(landing, day)
    known = list(sources)
    files, ignored = [], []
    for path in sorted(folder.iterdir()):
        if not path.name.endswith(ENDINGS) or path.name.startswith("."):
            ignored.append(path.name)
            continue
        try:
            status = path.stat()
        except FileNotFoundError:
            if path.is_symlink():
                ignored.append(f"{path.name} (a broken link)")
            continue  # else it went away just now
        except OSError as error:
            ignored.append(f"{path.name} ({error.strerror})")
            continue
        if kind := arrival.kind_of(status.st_mode):
            ignored.append(f"{path.name} ({kind})")
        else:
            files.append(LandedFile(path, day, source_of(path.name, known), Look.of(status)))
    return Folder(day, tuple(files), tuple(ignored))


def _date_of(name: str) -> date | None:
    if not _DATE.fullmatch(name):
        return None
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None
