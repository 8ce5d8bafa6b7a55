"""Which files of a home a backup of its releases holds, and under which names."""

import json
import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from contracts.base import Table
from contracts.errors import LakeUnavailable
from contracts.registry import lake_tables
from contracts.settings import FILE_NAME, Settings
from lake import delta, identity
from lake.release import RELEASES
from serving.reports.archive import FACTS
from serving.reports.publish import PENDING

API_KEYS = "api-keys.json"
# Where the database and the lake are is a matter of the place, and a database's URL holds a password.
OF_THE_PLACE = ("database_url", "api_database_url", "lake_path")
_LOG_FILE = re.compile(r"(\d{20})\.(?:json|checkpoint[\w.-]*\.parquet)")


@dataclass(frozen=True)
class Kept:
    """A release as a backup needs to know it."""

    release_id: int
    as_of: date
    versions: dict[str, int]


def lake_files(root: str, kept: Sequence[Kept]) -> Iterator[tuple[str, Path]]:
    """The lake of these releases: every file one of them refers to, and the log up to the newest of them.

    Raises LakeUnavailable where one of the files is missing.
    """
    versions: dict[str, set[int]] = {}
    for release in kept:
        for name, version in release.versions.items():
            versions.setdefault(name, set()).add(version)
    for name, wanted in versions.items():
        folder = Path(delta.location(root, _table(name)))
        data = {Path(path) for version in wanted for path in delta.files(root, _table(name), version)}
        if missing := [path for path in data if not path.exists()]:
            raise LakeUnavailable(
                f"{missing[0]} is missing, which a kept release of {name} refers to. Nothing was backed up. Run "
                "`tillhouse fsck` to see the damage and what can be done."
            )
        for path in [*sorted(_log(folder / "_delta_log", max(wanted))), *sorted(data)]:
            yield f"lake/{path.relative_to(root)}", path
    yield f"lake/{identity.NAME}", Path(root) / identity.NAME
    ids = {release.release_id for release in kept}
    for path in sorted((Path(root) / RELEASES).glob("[0-9]*.*")):
        number = int(path.name.partition(".")[0])
        # What was saved of earlier logs is of use to later releases too.
        if number in ids or (path.suffix != ".json" and number <= max(ids)):
            yield f"lake/{RELEASES}/{path.name}", path


def _table(name: str) -> Table:
    """By its contract, or by its name alone where it has none any more."""
    layer, _, own = name.partition(".")
    known = lake_tables().get(name)
    return known or Table(grain="", columns=(), key=()).bound(layer, own)  # type: ignore[arg-type]


def _log(folder: Path, newest: int) -> Iterator[Path]:
    for path in folder.iterdir():
        found = _LOG_FILE.fullmatch(path.name)
        if found and int(found[1]) <= newest:
            yield path
    last = folder / "_last_checkpoint"
    if last.exists() and int(json.loads(last.read_text(encoding="utf-8"))["version"]) <= newest:
        yield last


def folder_files(settings: Settings, name: str) -> Iterator[tuple[str, Path]]:
    """Everything in a folder of the home, such as landing."""
    top = settings.home / name
    for folder, _, files in os.walk(top, followlinks=True):
        for file in sorted(files):
            path = Path(folder) / file
            if path.is_file():
                yield f"home/{path.relative_to(settings.home)}", path


def reports(settings: Settings, kept: Sequence[Kept]) -> Iterator[tuple[str, Path]]:
    """The reports of releases up to the newest of `kept`, each where it stands once that one is in force.

    A run moves reports while it shows its own: one that is not where it was is looked for again by its release.
    """
    top, newest = settings.reports, kept[-1].release_id
    places = {place: folder for place, folder in _places(top).items() if place[1] <= newest}
    standing = {as_of: max(release for day, release in places if day == as_of) for as_of, _ in places}
    for (as_of, release_id), folder in sorted(places.items()):
        shown = as_of.isoformat() if standing[as_of] == release_id else f"{as_of}.{release_id}"
        names = _files_of(folder) or _files_of(_places(top).get((as_of, release_id), folder))
        for name in names:
            path = folder / name
            if not path.exists():
                path = _places(top).get((as_of, release_id), folder) / name
            yield f"home/reports/{shown}/{name}", path
    yield from folder_files(settings, "reports/assets")


def _files_of(folder: Path) -> list[str]:
    """The files of a report; none where it was moved while they were listed."""
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return names if (folder / FACTS).exists() else []


def _places(top: Path) -> dict[tuple[date, int], Path]:
    """Where each report is, by its as-of date and release; also one about to be shown."""
    found = {}
    for facts in [*top.glob(f"{PENDING}/[0-9]*/{FACTS}"), *top.glob(f"[0-9]*/{FACTS}")]:
        if facts.parent.suffix in {".part", ".old"}:
            continue
        try:
            said = json.loads(facts.read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        found[date.fromisoformat(said["as_of"]), int(said["release_id"])] = facts.parent
    return found


def settings_file(settings: Settings) -> bytes | None:
    """The home's settings without those of the place; None where it has none."""
    path = settings.home / FILE_NAME
    if not path.exists():
        return None
    text = path.read_text(encoding="utf-8")
    wanted = {name: value for name, value in tomllib.loads(text).items() if name not in OF_THE_PLACE}
    pattern = rf"^\s*[\"']?(?:{'|'.join(OF_THE_PLACE)})[\"']?\s*="
    left = "".join(line for line in text.splitlines(keepends=True) if not re.match(pattern, line))
    try:
        same = tomllib.loads(left) == wanted
    except tomllib.TOMLDecodeError:
        same = False
    return (left if same else "".join(f"{name} = {json.dumps(value)}\n" for name, value in wanted.items())).encode()
