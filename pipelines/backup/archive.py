"""The file of a backup: a compressed tar, its manifest last, and a checksum of every byte at the very end.

`tar` unpacks it as it is: the checksum stands in an empty gzip member, or in a zstd frame that is skipped.
"""

import gzip
import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pyarrow as pa

from contracts.errors import UnreadableBackup, UsageError

FORMAT = 1
MANIFEST = "manifest.json"
PARTS = ("home", "lake", "database")  # the first part of every other name
_CHUNK = 2**20
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5": "zstd"}
_ENDINGS = {".tar.gz": "gzip", ".tgz": "gzip", ".tar.zst": "zstd"}


@dataclass(frozen=True)
class Member:
    """A file in the backup."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    release_id: int
    as_of: str
    created_at: str
    lake_id: str
    files: tuple[Member, ...]


def compression_of(path: Path) -> str:
    """Gzip or zstd, by the file's name. Raises UsageError for another name."""
    for ending, compression in _ENDINGS.items():
        if path.name.endswith(ending):
            return compression
    raise UsageError(
        f"A backup is a .tar.zst or a .tar.gz, and {path.name} ends in neither. Name one that does.", "file"
    )


class Writer:
    """Adds files to a backup."""

    def __init__(self, tar: tarfile.TarFile, on_bytes: Callable[[int], None]) -> None:
        self._tar = tar
        self._on_bytes = on_bytes
        self.members: list[Member] = []

    def add(self, name: str, path: Path) -> bool:
        """Add a file as it is now; False where it has vanished. One that grows is cut where it ended."""
        try:
            with path.open("rb") as file:
                info = self._tar.gettarinfo(arcname=name, fileobj=file)
                # A file with two names is one of its own each time.
                info.type, info.linkname, info.size = tarfile.REGTYPE, "", os.fstat(file.fileno()).st_size
                self._put(info, file)
        except FileNotFoundError:
            return False
        return True

    def add_bytes(self, name: str, content: bytes, mode: int = 0o600) -> None:
        """Add a file that lies nowhere."""
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(content), mode
        self._put(info, io.BytesIO(content))

    def _put(self, info: tarfile.TarInfo, file: IO[bytes]) -> None:
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        reading = _Hashing(file, self._on_bytes)
        self._tar.addfile(info, reading)  # type: ignore[arg-type]
        self.members.append(Member(info.name, info.size, reading.digest.hexdigest()))


class _Hashing:
    """A file that hashes what is read of it."""

    def __init__(self, file: IO[bytes], on_bytes: Callable[[int], None]) -> None:
        self._file = file
        self._on_bytes = on_bytes
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        found = self._file.read(size)
        self.digest.update(found)
        self._on_bytes(len(found))
        return found


class _HashingSink(io.RawIOBase):
    """A file that hashes what is written to it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.digest.update(data)
        return self._file.write(data)


@contextmanager
def writing(file: IO[bytes], compression: str, on_bytes: Callable[[int], None]) -> Iterator[Writer]:
    """A writer into `file`. Call `finish` with the manifest's head as the last thing."""
    sink = _HashingSink(file)
    with _compressor(sink, compression) as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
        yield Writer(tar, on_bytes)
    file.write(_trailer(compression, sink.digest.hexdigest()))


def finish(writer: Writer, release_id: int, as_of: str, created_at: str, lake_id: str) -> Manifest:
    """Write the manifest, last of all."""
    manifest = Manifest(FORMAT, release_id, as_of, created_at, lake_id, tuple(writer.members))
    writer.add_bytes(MANIFEST, json.dumps(asdict(manifest), indent=1).encode())
    return manifest


def verify(path: Path, on_bytes: Callable[[int], None] = lambda _: None) -> Manifest:
    """Read the whole file, compare every byte with what was written, and return what it says of itself.

    Raises UnreadableBackup where it is none of ours, is cut short, or differs in a byte. Writes nothing.
    """
    found: list[Member] = []
    body = b""
    with _members(path) as members:
        for info, file in members:
            if body:
                raise UnreadableBackup(f"{path} holds more than its manifest names. Take another copy of it.")
            kept = io.BytesIO() if info.name == MANIFEST else None
            digest, size = hashlib.sha256(), 0
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                on_bytes(len(chunk))
                if kept is not None:
                    kept.write(chunk)
            if kept is not None:
                body = kept.getvalue()
            else:
                found.append(Member(info.name, size, digest.hexdigest()))
    manifest = _read_manifest(path, body)
    if tuple(found) != manifest.files:
        raise UnreadableBackup(f"{path} does not hold what its manifest names. Take another copy of it.")
    return manifest


def extract(path: Path, manifest: Manifest, place: Callable[[str], Path]) -> None:
    """Write the files of a verified backup, each to where `place` says. Raises UnreadableBackup where one differs."""
    expected = {member.name: member for member in manifest.files}
    with _members(path) as members:
        for info, file in members:
            if info.name == MANIFEST:
                continue
            target = place(info.name)
            target.parent.mkdir(parents=True, exist_ok=True)
            digest = hashlib.sha256()
            with target.open("xb") as written:
                target.chmod(info.mode & 0o666 | 0o600)
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                    written.write(chunk)
            if info.name not in expected or digest.hexdigest() != expected[info.name].sha256:
                raise UnreadableBackup(f"{path} changed while it was read. Nothing was restored; try again.")


@contextmanager
def _members(path: Path) -> Iterator[Iterator[tuple[tarfile.TarInfo, IO[bytes]]]]:
    compression, length = _checked(path)
    try:
        with (
            path.open("rb") as file,
            _decompressor(_Head(file, length), compression) as stream,
            tarfile.open(fileobj=stream, mode="r|") as tar,
        ):
            yield _regular(path, tar)
    except (tarfile.TarError, EOFError, OSError, zlib.error, pa.ArrowException) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise UnreadableBackup(f"{path} is damaged: {error}. Take another copy of it.") from error


def _regular(path: Path, tar: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    for info in tar:
        name = PurePosixPath(info.name)
        inside = name.parts[0] in PARTS and len(name.parts) > 1 and ".." not in name.parts and "\\" not in info.name
        file = tar.extractfile(info) if info.isreg() else None
        if file is None or str(name) != info.name or not (inside or info.name == MANIFEST):
            raise UnreadableBackup(f"{path} holds {info.name!r}, which no backup holds. Nothing was restored.")
        yield info, file


def _checked(path: Path) -> tuple[str, int]:
    """The compression, and how many bytes stand before the checksum, which is right."""
    with path.open("rb") as file:
        compression = _MAGIC.get(file.read(2))
        length = path.stat().st_size - len(_trailer(compression or "gzip", "0" * 64))
        if compression is None or length <= 0:
            raise UnreadableBackup(f"{path} is no backup of tillhouse. Name a file that `tillhouse backup` wrote.")
        file.seek(0)
        digest, left = hashlib.sha256(), length
        while left and (chunk := file.read(min(_CHUNK, left))):
            digest.update(chunk)
            left -= len(chunk)
        if file.read() != _trailer(compression, digest.hexdigest()):
            raise UnreadableBackup(
                f"{path} is cut short or damaged: its bytes are not those that were written. Take another copy of it; "
                "nothing was restored."
            )
    return compression, length


def _read_manifest(path: Path, body: bytes) -> Manifest:
    try:
        said = json.loads(body)
        if said["format"] != FORMAT:
            raise UnreadableBackup(
                f"{path} has format {said['format']}, and this tillhouse reads {FORMAT}. Restore it with the version "
                "that wrote it."
            )
        return Manifest(**said | {"files": tuple(Member(**member) for member in said["files"])})
    except (ValueError, KeyError, TypeError):
        raise UnreadableBackup(f"{path} has no manifest. Name a file that `tillhouse backup` wrote.") from None


def _trailer(compression: str, digest: str) -> bytes:
    said = f"sha256 of all before: {digest}".encode()
    if compression == "gzip":  # a header with a comment, and nothing in it
        return b"\x1f\x8b\x08\x10\0\0\0\0\0\xff" + said + b"\0" + b"\x03\0" + b"\0" * 8
    return b"\x50\x2a\x4d\x18" + len(said).to_bytes(4, "little") + said


@contextmanager
def _compressor(sink: _HashingSink, compression: str) -> Iterator[Any]:
    if compression == "gzip":
        with gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=sink, mtime=0) as stream:
            yield stream
    else:
        with pa.CompressedOutputStream(pa.PythonFile(sink, mode="w"), "zstd") as stream:
            yield stream


@contextmanager
def _decompressor(file: "_Head", compression: str) -> Iterator[Any]:
    if compression == "gzip":
        with gzip.GzipFile(mode="rb", fileobj=file) as stream:
            yield stream
    else:
        with pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd") as stream:
            yield stream


class _Head(io.RawIOBase):
    """The first bytes of a file, as a file."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file = file
        self._left = length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._file.read(min(len(buffer), self._left))
        self._left -= len(found)
        buffer[: len(found)] = found
        return len(found)
