import gzip
import os
import random
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.landing.arrival import MIB, Look, StillArriving, copy, digest, read_bytes, unpacked
from pipelines.landing.preflight import Limits, Unreadable

ONE_MIB = Limits(file_mib=1)
PACKED = gzip.compress(b"a,b\n1,2\n", mtime=0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "orders.csv"
    file.write_bytes(b"order_id\nO1\n")
    return file


def test_a_file_that_stays_as_it_was_found_is_read(path: Path) -> None:
    assert read_bytes(path, Look.of(path.stat())) == read_bytes(path, None) == b"order_id\nO1\n"


def _append(path: Path) -> None:
    with path.open("ab") as handle:
        handle.write(b"O2\n")


def _replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    other.replace(path)


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (_append, "it had 12 bytes and has 15"),
        (lambda path: os.truncate(path, 3), "it had 12 bytes and has 3"),
        (lambda path: os.utime(path, ns=(1, 1)), "it was written to or replaced"),
        (_replace, "it was written to or replaced"),
        (Path.unlink, "it is gone"),
        (_pipe, "it is a named pipe now"),
        (_folder, "it is a folder now"),
    ],
    ids=["grows", "shrinks", "is touched", "is replaced", "vanishes", "becomes a pipe", "becomes a folder"],
)
def test_a_file_that_changed_since_it_was_found_is_still_arriving(
    path: Path, happens: Callable[[Path], None], said: str
) -> None:
    first = Look.of(path.stat())
    happens(path)
    with pytest.raises(StillArriving, match=f"changed while it was read: {said}; run again when it is complete"):
        read_bytes(path, first)


@pytest.mark.parametrize("reading", [lambda path: read_bytes(path, None), digest], ids=["read", "hashed"])
def test_a_file_the_disk_does_not_give_is_left_with_what_to_do(path: Path, reading: Callable[[Path], object]) -> None:
    path.unlink()
    path.symlink_to("/proc/self/mem")  # its first byte is an input/output error for everyone
    with pytest.raises(StillArriving, match=r"it cannot be read \(Input/output error\); check the disk"):
        reading(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may open every file")
def test_a_file_that_may_not_be_opened_is_left_with_what_to_do(path: Path) -> None:
    path.chmod(0)
    with pytest.raises(StillArriving, match="permission denied"):
        read_bytes(path, None)


def test_a_plain_file_is_judged_by_its_size_before_it_is_read(path: Path) -> None:
    os.truncate(path, 2**40)  # a terabyte of hole
    with pytest.raises(Unreadable, match=r"1,099,511,627,776 bytes, where max_file_mib allows 1 MiB .* split the file"):
        read_bytes(path, None, ONE_MIB)
    os.truncate(path, MIB)
    assert len(read_bytes(path, None, ONE_MIB)) == MIB


def test_a_copy_gives_the_hash_of_what_was_copied(path: Path, tmp_path: Path) -> None:
    assert copy(path, tmp_path / "copy") == digest(path) == digest(tmp_path / "copy")


def test_gzip_members_stand_for_one_text_and_zero_padding_for_nothing() -> None:
    assert unpacked(b"") == b""
    assert unpacked(PACKED) == b"a,b\n1,2\n"
    assert unpacked(PACKED + gzip.compress(b"") + b"\0" * 100_000 + gzip.compress(b"3,4\n") + b"\0" * 7) == (
        b"a,b\n1,2\n3,4\n"
    )
    noise = random.Random(1).randbytes(300_000)  # more packed bytes than are taken at a time
    assert unpacked(gzip.compress(noise) + gzip.compress(noise)) == noise * 2


@pytest.mark.parametrize("kept", [1, 2, 9, 10, 15, len(PACKED) - 8, len(PACKED) - 1])
def test_a_gzip_file_that_ends_too_early_is_named(kept: int) -> None:
    said = "not gzip" if kept == 1 else "cut-short gzip: the data ends after .* copy or pack the file again"
    with pytest.raises(Unreadable, match=said):
        unpacked(PACKED[:kept])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a,b\n1,2\n", "not gzip, though its name ends in .gz"),
        (PACKED[:-8] + b"12345678", "broken gzip"),
        (PACKED[:-4] + b"1234", "broken gzip"),
        (PACKED[:10] + b"\xff" * 20, "broken gzip"),
        (b"\x1f\x8b\x07" + PACKED[3:], "broken gzip"),
        (PACKED + b"a,b\n", "come 4 bytes that are none"),
        (PACKED + b"\0\0x", "come 1 bytes that are none"),
        (zlib.compress(b"a,b\n"), "not gzip"),
    ],
)
def test_broken_gzip_is_named(data: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        unpacked(data)


def test_a_bomb_stops_at_the_limit_and_fills_no_memory() -> None:
    member = gzip.compress(b"\0" * 64 * MIB)
    bomb = member * 160  # 10 GiB in 10 MB
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable, match="too large: more than that unpacked, where max_file_mib allows 1 MiB"):
            unpacked(bomb, ONE_MIB)
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()
