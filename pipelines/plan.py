"""What a run will load: the files of the asked folders that no release holds and no run rejected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from contracts.errors import UsageError
from contracts.registry import sources
from contracts.settings import Settings
from pipelines.landing import folder
from pipelines.landing.folder import LandedFile


@dataclass(frozen=True)
class Plan:
    """The files to load, and what else was found."""

    files: tuple[LandedFile, ...]
    known: int  # files loaded or rejected before, with these bytes
    ignored: tuple[str, ...]  # `<landing_date>/<name>` of what is no CSV


def plan(
    settings: Settings,
    days: Iterable[date],
    loaded: Mapping[tuple[date, str], str],
    rejected: Mapping[tuple[date, str], set[str]],
) -> Plan:
    """Look into the folders of `days`. Raises NoSuchFolder."""
    files, ignored, known = [], [], 0
    for day in days:
        found = folder.read_folder(settings.landing, day, sources())
        ignored += [f"{day}/{name}" for name in found.ignored]
        for file in found.files:
            place = (day, file.name)
            if loaded.get(place) == file.file_hash or file.file_hash in rejected.get(place, ()):
                known += 1
            else:
                files.append(file)
    return Plan(tuple(files), known, tuple(ignored))


def refuse_future(days: Iterable[date], today: date) -> None:
    """A landing date after today is a typing error more often than not. Raises UsageError."""
    for day in days:
        if day > today:
            raise UsageError(
                f"{day} is after today, {today}. Pass --future if the folder is meant to be there.", "date"
            )
