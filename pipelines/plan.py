"""What a run will load: the files of the asked folders that no release holds and no run rejected."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from contracts.errors import UsageError
from contracts.registry import sources
from contracts.settings import Settings
from lake.release import Release
from pipelines.landing import folder
from pipelines.landing.arrival import StillArriving
from pipelines.landing.folder import LandedFile


@dataclass(frozen=True)
class Plan:
    """The files to load, and what else was found."""

    files: tuple[LandedFile, ...]
    known: int  # files loaded or rejected before, with these bytes
    ignored: tuple[str, ...]  # `<landing_date>/<name>` of what is no CSV
    left: tuple[tuple[LandedFile, str], ...] = ()  # for the next run, and why
    replaced: tuple[LandedFile, ...] = ()  # of files: those whose name was loaded with other bytes


def plan(
    settings: Settings,
    days: Iterable[date],
    loaded: Mapping[tuple[date, str], str],
    rejected: Mapping[tuple[date, str], set[str]],
) -> Plan:
    """Look into the folders of `days`. Raises NoSuchFolder.

    Only a file of a name that was there before is read here, for its hash; any other is new whatever it holds.
    """
    files, ignored, left, replaced, known = [], [], [], [], 0
    for day in days:
        found = folder.read_folder(settings.landing, day, sources())
        ignored += [f"{day}/{name}" for name in found.ignored]
        for file in found.files:
            place = (day, file.name)
            before = {loaded[place]} if place in loaded else set()
            try:
                if _is_one_of(file, before | rejected.get(place, set())):
                    known += 1
                else:
                    files.append(file)
                    replaced += [file] if before else []
            except StillArriving as reason:
                left.append((file, str(reason)))
    return Plan(tuple(files), known, tuple(ignored), tuple(left), tuple(replaced))


def restates(found: Plan, loaded: Collection[tuple[date, str]], base: Release, settings: Settings) -> list[str]:
    """What of the history published by `base` a run will compute again, a line for a person each.

    `loaded` names the files that are in bronze.
    """
    now = settings.model_inputs()
    said = [
        f"{name} is {now[name]}, was {base.settings.get(name)}: every published day is computed again"
        for name in now
        if now[name] != base.settings.get(name)
    ]
    said += [f"{file.label} replaces what landed under that name before" for file in found.replaced]
    there = {folder.source_of(name, sources()) for _, name in loaded}
    judged_by = {parent.table for each in sources().values() for parent in each.references if parent.once_landed}
    coming = {str(file.source) for file in found.files}
    said += [
        f"the first {name} file: every row that names one is judged by it"
        for name in sorted(judged_by & coming - there)
    ]
    late = sorted({file.landing_date for file in found.files if file.landing_date < base.as_of})
    if late:
        span = f"{late[0]}" if len(late) == 1 else f"{late[0]} to {late[-1]} ({len(late)} landing dates)"
        said.append(f"{span} landed after the release as of {base.as_of}: days published by it may move")
    return said


def _is_one_of(file: LandedFile, hashes: Collection[str]) -> bool:
    return bool(hashes) and file.file_hash in hashes


def refuse_future(days: Iterable[date], today: date) -> None:
    """A landing date after today is a typing error more often than not. Raises UsageError."""
    for day in days:
        if day > today:
            raise UsageError(
                f"{day} is after today, {today}. Pass --future if the folder is meant to be there.", "date"
            )
