"""Writing files and folders so that they survive a power cut, and never show half."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.errors import InfrastructureError


@contextmanager
def disk_errors(reports: Path) -> Iterator[None]:
    """Failures of the disk in our words, as InfrastructureError."""
    try:
        yield
    except OSError as error:
        raise InfrastructureError(
            f"The reports in {reports} cannot be written: {error.strerror} ({error.filename}). Make room or mend the "
            "permissions, then run the same command again; figures that were published stay as they are."
        ) from error


def write_durably(path: Path, content: bytes) -> None:
    """Replaces a file whole: a reader sees the old content or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def write_once(path: Path, content: bytes) -> None:
    """Writes a file whose name stands for its content, unless it is there."""
    if not path.exists() or path.stat().st_size != len(content):
        write_durably(path, content)


def move(folder: Path, target: Path) -> None:
    """Renames a folder on its file system, durably."""
    folder.rename(target)
    sync_folder(target.parent)
    if folder.parent != target.parent:
        sync_folder(folder.parent)


def remove(folder: Path) -> None:
    """Removes a folder with all it holds, if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder survive a power cut, where the system can (not on Windows)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
