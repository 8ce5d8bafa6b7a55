"""A table's Delta log as files: what of it is whole, and what a power cut may have left beyond a release.

What a release needs is forced to disk before the release is; only what came after can be torn.
"""

import json
from pathlib import Path

from lake.filenames import CHECKPOINT, ENTRY, HINT


def beyond(log: Path, released: int) -> tuple[list[int], list[int]]:
    """The entries newer than a released version: those that follow one another whole, and all from the first torn."""
    numbers = {int(found[1]) for path in log.iterdir() if (found := ENTRY.fullmatch(path.name))}
    newer = sorted(number for number in numbers if number > released)
    for place, number in enumerate(newer):
        if number != released + 1 + place or not _is_whole(entry(log, number)):
            return newer[:place], newer[place:]
    return newer, []


def entry(log: Path, number: int) -> Path:
    """The file of a log entry."""
    return log / f"{number:020}.json"


def checkpoints(log: Path, released: int) -> list[Path]:
    """The files of checkpoints newer than a released version."""
    return [path for path in log.iterdir() if (found := CHECKPOINT.fullmatch(path.name)) and int(found[1]) > released]


def summaries(log: Path, released: int) -> list[Path]:
    """The checkpoints newer than a released version, and the file that names the newest one, where there are any."""
    found = checkpoints(log, released)
    return [path for path in (*found, log / HINT) if path.exists()] if found else []


def drop_torn(log: Path, released: int) -> bool:
    """Remove what is torn beyond a released version (-1: none is), and what came on top of it; was there any."""
    if not log.is_dir():
        return False
    _, torn = beyond(log, released)
    if torn:
        drop_checkpoints(log, torn[0] - 1)
    for number in reversed(torn):  # so that a stop in between leaves no entry without the one before
        entry(log, number).unlink()
    return bool(torn)


def drop_checkpoints(log: Path, released: int) -> None:
    """Remove the checkpoints newer than a released version: they only sum up entries, which are there."""
    (log / HINT).unlink(missing_ok=True)  # may name one of them
    for path in checkpoints(log, released):
        path.unlink()


def _is_whole(path: Path) -> bool:
    try:
        actions = [json.loads(line) for line in path.read_bytes().splitlines()]
    except ValueError:
        return False
    return bool(actions) and all(isinstance(action, dict) for action in actions)
