"""Takes a landed file's bytes off the disk: once, whole, unchanged meanwhile, and unpacked within bounds."""

import hashlib
import io
import os
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.landing.preflight import UNLIMITED, Limits, Unreadable

MIB = 2**20
_GZIP = b"\x1f\x8b"
_PACKED_CHUNK = 2**16
_UNPACKED_CHUNK = 2**20  # what a bomb can blow up at a time
_PADDING = re.compile(rb"\x00*")


class StillArriving(Exception):
    """A file cannot be had whole now (being written, gone, not to be opened); the message says why and what to do.

    It is neither loaded nor rejected: the next run looks at it again.
    """


@dataclass(frozen=True)
class Look:
    """What tells one state of a file from another without reading it."""

    size: int  # bytes as landed
    modified: int  # nanoseconds
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Look":
        """From what the system says of the file."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)


def kind_of(mode: int) -> str | None:
    """What lies under a name that is no file, in words; None where it is one."""
    if stat.S_ISREG(mode):
        return None
    return "a folder" if stat.S_ISDIR(mode) else "a named pipe" if stat.S_ISFIFO(mode) else "no regular file"


def read_bytes(path: Path, first: Look | None, limits: Limits = UNLIMITED) -> bytes:
    """The file's bytes as landed, read once. `first` is the look at it when it was found.

    Raises Unreadable where it is larger than the limit, before it is read; StillArriving where it differs
    from the first look, changes or goes away meanwhile, or cannot be opened.
    """
    with _open(path) as handle:
        opened = Look.of(os.fstat(handle.fileno()))
        first = first or opened
        _require_same(first, opened)
        if limits.file_mib and opened.size > limits.file_mib * MIB:
            raise Unreadable(_too_large(f"{opened.size:,} bytes", limits))
        data = handle.read()
        _require_same(first, Look.of(path.stat()))
    if len(data) != first.size:
        raise StillArriving(_changed(f"{first.size:,} bytes were announced and {len(data):,} read"))
    return data


def digest(path: Path) -> str:
    """SHA-256 of the bytes as landed, a piece at a time. Raises StillArriving where they cannot be read."""
    sha = hashlib.sha256()
    for piece in _pieces(path):
        sha.update(piece)
    return sha.hexdigest()


def copy(path: Path, target: Path) -> str:
    """Copy the bytes, a piece at a time; returns their SHA-256. Raises StillArriving where they cannot be read."""
    sha = hashlib.sha256()
    with target.open("wb") as out:
        for piece in _pieces(path):
            sha.update(piece)
            out.write(piece)
    return sha.hexdigest()


def unpacked(data: bytes, limits: Limits = UNLIMITED) -> bytes:
    """What a gzip file holds: all its members, zero padding after them left out.

    Raises Unreadable where it is broken, cut short or followed by something else, and at the limit: what
    unpacks to more is never unpacked further.
    """
    if data and not data.startswith(_GZIP):
        raise Unreadable("not gzip, though its name ends in .gz; name it .csv, or pack it again")
    out = io.BytesIO()
    position = 0
    while position < len(data):
        if not data.startswith(_GZIP, position):
            raise Unreadable(
                f"after the gzip data ({position:,} bytes) come {len(data) - position:,} bytes that are none; "
                "pack the file again"
            )
        position = _unpack_member(data, position, out, limits)
        if padding := _PADDING.match(data, position):
            position = padding.end()
    return out.getvalue()


def _unpack_member(data: bytes, position: int, out: io.BytesIO, limits: Limits) -> int:
    """Unpack the member that begins at `position`; returns where it ends."""
    decoder = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    pending = b""
    while not decoder.eof:
        if not pending:
            pending = data[position : position + _PACKED_CHUNK]
            position += len(pending)
        try:
            piece = decoder.decompress(pending, _UNPACKED_CHUNK)
        except zlib.error:
            raise Unreadable(
                f"broken gzip: the data is damaged after {out.tell():,} unpacked bytes; pack the file again"
            ) from None
        if not piece and not pending:
            raise Unreadable(
                f"cut-short gzip: the data ends after {out.tell():,} unpacked bytes; copy or pack the file again"
            )
        pending = decoder.unconsumed_tail
        out.write(piece)
        if limits.file_mib and out.tell() > limits.file_mib * MIB:
            raise Unreadable(_too_large("more than that unpacked", limits))
    return position - len(decoder.unused_data)


def _pieces(path: Path) -> Iterator[bytes]:
    with _open(path) as handle:
        while piece := handle.read(MIB):
            yield piece


@contextmanager
def _open(path: Path) -> Iterator[io.FileIO]:
    try:
        # Without blocking: a pipe put in a file's place must not hang the run.
        with io.FileIO(path, opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as handle:
            if kind := kind_of(os.fstat(handle.fileno()).st_mode):
                raise StillArriving(_changed(f"it is {kind} now"))
            yield handle
    except FileNotFoundError:
        raise StillArriving(_changed("it is gone")) from None
    except IsADirectoryError:
        raise StillArriving(_changed("it is a folder now")) from None
    except PermissionError:
        raise StillArriving("it may not be opened (permission denied); let the user of the run read it") from None
    except OSError as error:
        raise StillArriving(f"it cannot be read ({error.strerror}); check the disk, or copy it again") from None


def _require_same(first: Look, now: Look) -> None:
    if now.size != first.size:
        raise StillArriving(_changed(f"it had {first.size:,} bytes and has {now.size:,}"))
    if now != first:
        raise StillArriving(_changed("it was written to or replaced"))


def _changed(what: str) -> str:
    return f"it changed while it was read: {what}; run again when it is complete"


def _too_large(size: str, limits: Limits) -> str:
    return (
        f"too large: {size}, where max_file_mib allows {limits.file_mib} MiB ({limits.file_mib * MIB:,} bytes); "
        "split the file, or raise the setting max_file_mib"
    )
