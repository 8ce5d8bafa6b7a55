"""The id of a home's lake, `_lake.json`, by which a database knows whose it is."""

import json
import os
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from contracts.errors import LakeUnavailable
from contracts.settings import Settings
from lake import durable
from lake import release as releases

NAME = "_lake.json"


def of(settings: Settings) -> str:
    """The id of the home's lake, made with it.

    Raises LakeUnavailable where it is lost: a new one would not be the one that the database knows.
    """
    path = Path(settings.lake) / NAME
    if not path.exists() and not releases.copied(settings):
        _make(path, settings.home)
    return required(settings)


def required(settings: Settings) -> str:
    """The id of a lake that is there. Raises LakeUnavailable where it is lost."""
    found = read(settings.lake)
    if found is None:
        raise LakeUnavailable(
            f"The lake has lost its id: {Path(settings.lake) / NAME} is missing or cannot be read, as after a power "
            "cut. Run `tillhouse fsck --repair`, which puts back the id that the database knows."
        )
    return found


def read(root: str) -> str | None:
    """The id a lake carries; None where there is none, or none that can be read."""
    try:
        return str(json.loads((Path(root) / NAME).read_bytes())["lake_id"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def put_back(root: str, lake_id: str | None) -> None:
    """Give a lake that lost its id the one that is known of it, or a new one where nobody knows any."""
    durable.write(Path(root) / NAME, _body(lake_id or token_hex(16)))


def _make(path: Path, home: Path) -> None:
    temporary = path.with_suffix(f".{os.getpid()}")
    durable.make_folder(path.parent)
    temporary.write_bytes(_body(token_hex(16)))
    durable.sync(temporary)
    # The first of two commands that start at once wins; a link never overwrites.
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    durable.sync(path.parent)
    if home.is_dir():
        with suppress(PermissionError):  # somebody else's folder
            durable.sync(home.parent)


def _body(lake_id: str) -> bytes:
    return json.dumps({"lake_id": lake_id}).encode()
