"""Releases written beside the lake: `_releases/<id>.json`, for readers without the database and for `fsck`.

Beside the release itself a copy holds the rows of each table and the hash of each file it is made of;
`<id>.log.gz` keeps the text of the Delta log entries that came with it.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from contracts.registry import lake_tables
from contracts.settings import Settings
from lake import durable, hashes, lookup
from lake import release as releases
from lake.hashes import Hashes
from lake.release import Release

SAVED_LOG = ".log.gz"


@dataclass(frozen=True)
class Copy:
    """A release as it is written beside the lake. Copies of an earlier tillhouse know no rows and no hashes."""

    release: Release
    rows: dict[str, int] | None  # lake table to its rows
    hashes: Hashes | None


def write(settings: Settings, release: Release) -> None:
    """Write the release beside the lake. Hashes an earlier copy knows are carried over; only new files are read."""
    known = _known_before(settings, release.release_id)
    found = hashes.of(settings.lake, release.versions, known)
    path = releases.copy_path(settings, release.release_id)
    hashes.save_log(path.with_suffix(SAVED_LOG), settings.lake, found, known)
    tables = lake_tables()
    body = {
        "release_id": release.release_id,
        "run_id": release.run_id,
        "as_of": release.as_of.isoformat(),
        "created_at": release.created_at.isoformat(),
        "settings": release.settings,
        "versions": release.versions,
        "rows": {
            name: lookup.row_count(settings.lake, tables[name], version)
            for name, version in release.versions.items()
            if name in tables
        },
    }
    head = json.dumps(body, indent=1, sort_keys=True).removesuffix("\n}")
    made_of = json.dumps({"files": found.files, "log": found.log})  # on one line: there are thousands
    durable.write(path, f'{head},\n "hashes": {made_of}\n}}\n'.encode())


def read(settings: Settings, release_id: int) -> Copy | None:
    """A release as it is written beside the lake; None where it is not. Raises ValueError where it is no such file."""
    path = releases.copy_path(settings, release_id)
    if not path.exists():
        return None
    body = json.loads(path.read_text(encoding="utf-8"))
    try:
        made_of = body.get("hashes")
        return Copy(releases.from_body(body), body.get("rows"), None if made_of is None else Hashes(**made_of))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"it lacks {error}") from None


def saved_logs(settings: Settings) -> list[Path]:
    """Every file of saved log entries, the newest first."""
    folder = releases.copy_path(settings, 0).parent
    return sorted(folder.glob(f"[0-9]*{SAVED_LOG}"), key=lambda path: -int(path.name.partition(".")[0]))


def _known_before(settings: Settings, release_id: int) -> Hashes:
    """What the newest earlier copy that can be read knows."""
    for earlier in reversed([number for number in releases.copied(settings) if number < release_id]):
        try:
            copy = read(settings, earlier)
        except ValueError:
            continue
        if copy is not None and copy.hashes is not None:
            return copy.hashes
    return Hashes()
