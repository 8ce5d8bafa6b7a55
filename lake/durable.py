"""Files that survive a power cut, and the hash that tells whether they did."""

import hashlib
import os
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Replace a file whole: a reader sees the old content or the new, also after a power cut."""
    make_folder(path.parent)
    part = path.with_name(f".{path.name}")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder, and those it lies in, that survive a power cut; one that is there stays as it is."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync(folder.parent)


def sync(path: Path) -> None:
    """Make a file's bytes, or the names in a folder, survive a power cut; names not on Windows, which cannot."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(path: Path) -> str | None:
    """The hash of a file's bytes; None where there is no file."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
