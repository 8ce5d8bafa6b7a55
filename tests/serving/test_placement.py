"""Where a server's files go: inside the home, or in a folder of ours that the server's user can reach."""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.errors import DatabaseUnavailable
from serving.placement import SOCKET_PATH_LIMIT, Account, annex_base, locate, locked, orphans, prepare, prepare_folder

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
STRANGER = Account(54321, 54321, "stranger")


@pytest.fixture
def temp(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short system temp folder of the test's own, which everybody may enter."""
    with tempfile.TemporaryDirectory(prefix="th-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def test_a_user_reaches_a_folder_only_through_folders_he_may_enter(temp: Path) -> None:
    inner = temp / "outer" / "inner"
    inner.mkdir(parents=True)
    assert STRANGER.reaches(inner)
    inner.parent.chmod(0o711)
    assert STRANGER.reaches(inner)
    inner.parent.chmod(0o700)
    assert not STRANGER.reaches(inner)
    assert Account(os.geteuid(), os.getegid(), "me").reaches(inner)


def test_looking_for_a_server_makes_nothing(temp: Path) -> None:
    found = locate(temp / "home")
    assert found.data == temp / "home" / "postgres" / "cluster"
    assert not list(temp.iterdir())


def test_the_url_without_a_password_is_safe_to_show(temp: Path) -> None:
    found = locate(temp / "my home")
    assert found.url(None) == f"postgresql://tillhouse@/tillhouse?host={temp}/my%20home/postgres/socket&port=5432"


def test_a_home_that_needs_nothing_outside_gets_nothing_outside(temp: Path) -> None:
    prepare_folder(temp / "home")
    found = prepare(temp / "home")
    assert found.annex is None
    assert found.socket.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in temp.iterdir()] == ["home"]


@pytest.mark.parametrize("name", ["x" * 120, "one,two"])
def test_a_path_that_no_socket_can_have_puts_the_socket_outside_and_leaves_the_cluster_inside(
    temp: Path, name: str
) -> None:
    folder = prepare_folder(temp / name)
    found = prepare(temp / name)
    assert found.data == folder / "cluster"
    assert found.annex is not None
    assert found.socket == found.annex / "socket"
    assert len(os.fsencode(str(found.socket / ".s.PGSQL.5432"))) <= SOCKET_PATH_LIMIT
    assert prepare(temp / name).annex == found.annex
    base = found.annex.parent
    assert list(orphans(base)) == []
    (folder / "annex").unlink()
    assert [annex for annex, _ in orphans(base)] == [found.annex]


def test_a_socket_folder_that_a_reboot_swept_away_or_that_a_copied_home_shares_is_made_anew(temp: Path) -> None:
    home, copy = temp / ("x" * 120), temp / ("y" * 120)
    prepare_folder(home)
    first = prepare(home).annex
    assert first is not None
    shutil.copytree(home, copy, symlinks=True)
    other = prepare(copy).annex
    assert other not in {None, first}
    shutil.rmtree(first)
    again = prepare(home)
    assert again.annex not in {None, first, other}
    assert again.socket.is_dir()


@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_a_folder_in_the_temp_folder_that_others_may_enter_is_refused(temp: Path, mode: int) -> None:
    planted = temp / f"tillhouse-{os.geteuid()}"
    planted.mkdir()
    planted.chmod(mode)
    with pytest.raises(DatabaseUnavailable, match="is not a private folder of this user"):
        annex_base(temp / "home", None)


def test_a_link_in_place_of_the_folder_in_the_temp_folder_is_refused(temp: Path) -> None:
    (temp / "elsewhere").mkdir(mode=0o700)
    (temp / f"tillhouse-{os.geteuid()}").symlink_to(temp / "elsewhere")
    with pytest.raises(DatabaseUnavailable, match="is not a private folder of this user"):
        annex_base(temp / "home", None)


@only_root
def test_a_database_whose_outside_folder_is_gone_is_not_silently_replaced_by_an_empty_one(temp: Path) -> None:
    (temp / "private").mkdir(mode=0o700)
    home = temp / "private" / "home"
    folder = prepare_folder(home)
    annex = prepare(home).annex
    assert annex is not None
    (folder / "password").touch()
    annex.joinpath("socket").rmdir()
    annex.joinpath("home").unlink()
    annex.rmdir()
    with pytest.raises(DatabaseUnavailable, match="which is gone"):
        prepare(home)


def test_a_lock_lets_one_in_at_a_time(temp: Path) -> None:
    entered: list[str] = []

    def second() -> None:
        with locked(temp / "lock"):
            entered.append("second")

    with locked(temp / "lock"):
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(timeout=0.2)
        entered.append("first")
    waiting.join(timeout=10)
    assert entered == ["first", "second"]
