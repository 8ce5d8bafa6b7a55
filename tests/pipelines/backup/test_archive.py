"""The file of a backup: whole to the last byte, or refused."""

import io
import tarfile
from pathlib import Path

import pytest

from contracts.errors import UnreadableBackup, UsageError
from pipelines.backup import archive

HEAD = {"release_id": 3, "as_of": "2024-01-02", "created_at": "2024-01-03", "lake_id": "L"}
BOTH = pytest.mark.parametrize("ending", ["tar.gz", "tar.zst"])


def written(path, files, mode=0o644):
    with path.open("wb") as handle, archive.writing(handle, archive.compression_of(path), lambda _: None) as writer:
        for name, content in files.items():
            writer.add_bytes(name, content, mode)
        return archive.finish(writer, **HEAD)


@BOTH
def test_what_was_written_is_read_again(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    files = {"home/a file.csv": b"a,b\n", "lake/x=1/b.parquet": b"\0" * 5_000_000, "database/t.copy": b""}
    manifest = written(path, files)
    assert archive.verify(path) == manifest
    archive.extract(path, manifest, lambda name: tmp_path / "out" / name)
    assert {name: (tmp_path / "out" / name).read_bytes() for name in files} == files


def test_tar_reads_the_file_as_it_is(tmp_path):
    written(tmp_path / "a.tar.gz", {"home/a": b"1"})
    with tarfile.open(tmp_path / "a.tar.gz") as tar:
        assert tar.getnames() == ["home/a", "manifest.json"]


@BOTH
def test_any_byte_that_differs_and_any_that_is_missing_is_found(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    written(path, {"home/a": b"some rows\n" * 20})
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(UnreadableBackup):
            archive.verify(path)
        path.write_bytes(whole[:place])
        with pytest.raises(UnreadableBackup):
            archive.verify(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(UnreadableBackup):
        archive.verify(path)
    path.write_bytes(whole)
    assert archive.verify(path).release_id == 3


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "home/../../evil", "home", "elsewhere/a", "home//a", "home/./a", "home/a\\..\\b"]
)
def test_a_name_that_leads_out_of_its_place_is_refused(tmp_path, name):
    path = tmp_path / "a.tar.gz"
    written(path, {name: b"x"})
    with pytest.raises(UnreadableBackup, match="which no backup holds"):
        archive.verify(path)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_anything_but_a_plain_file_is_refused(tmp_path, kind):
    path = tmp_path / "a.tar.gz"
    with path.open("wb") as handle, archive.writing(handle, "gzip", lambda _: None) as writer:
        info = tarfile.TarInfo("home/a")
        info.type, info.linkname = kind, "/etc/passwd"
        writer._tar.addfile(info)
        archive.finish(writer, **HEAD)
    with pytest.raises(UnreadableBackup, match="which no backup holds"):
        archive.verify(path)


def test_what_the_manifest_does_not_name_is_refused(tmp_path):
    path = tmp_path / "a.tar.gz"
    with path.open("wb") as handle, archive.writing(handle, "gzip", lambda _: None) as writer:
        writer.add_bytes("home/a", b"1")
        archive.finish(writer, **HEAD)
        writer.add_bytes("home/b", b"2")
    with pytest.raises(UnreadableBackup, match="more than its manifest names"):
        archive.verify(path)


def test_another_file_is_no_backup(tmp_path):
    for content in (b"", b"PK\3\4 a zip", b"\x1f\x8b"):
        (tmp_path / "a.tar.gz").write_bytes(content)
        with pytest.raises(UnreadableBackup):
            archive.verify(tmp_path / "a.tar.gz")
    foreign = io.BytesIO()
    with tarfile.open(fileobj=foreign, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("home/a"))
    (tmp_path / "a.tar.gz").write_bytes(foreign.getvalue())
    with pytest.raises(UnreadableBackup):
        archive.verify(tmp_path / "a.tar.gz")


def test_a_name_says_how_to_compress():
    with pytest.raises(UsageError, match=r"\.tar\.zst or a \.tar\.gz"):
        archive.compression_of(Path("home.zip"))
