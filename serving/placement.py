"""The folders of an embedded Postgres: where they lie, who owns them, and how a cluster is made.

    <home>/postgres/            lock, password, address, server.log
    <home>/postgres/cluster/    the server's data
    <home>/postgres/socket/     its Unix socket
    <home>/postgres/annex ->    a folder of ours elsewhere, for what cannot lie in the home

Postgres refuses to run as root, so root's server runs as the home's owner or as `nobody`. Where that
user cannot reach the home, cluster and binaries lie in the annex; where the home's path is too long
for a socket, the socket does.
"""

import fcntl
import os
import pwd
import re
import secrets
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from contracts.errors import DatabaseUnavailable

ROLE = DATABASE = "tillhouse"
PORT = 5432  # names the socket only; the server listens on no network
SOCKET_NAME = f".s.PGSQL.{PORT}"
SOCKET_PATH_LIMIT = 103  # bytes: 107 on Linux, 103 on macOS
LOCK_WAIT_S = 180
LASTING_BASE = Path("/var/lib/tillhouse")
ELSEWHERE = "Or set TILLHOUSE_DATABASE_URL to a Postgres of your own."


@dataclass(frozen=True)
class Account:
    """The unprivileged user that root's server runs as."""

    uid: int
    gid: int
    name: str

    def reaches(self, path: Path) -> bool:
        """May it enter every folder on the way to `path`, `path` included?"""
        return all(self._enters(folder) for folder in (path, *path.parents) if folder.is_dir())

    def _enters(self, folder: Path) -> bool:
        found = folder.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.gid:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)


@dataclass(frozen=True)
class Cluster:
    """Where one home's server keeps what."""

    home: Path
    folder: Path
    annex: Path | None
    account: Account | None  # None: the server runs as we do
    data: Path
    socket: Path

    @property
    def password_file(self) -> Path:
        """Holds the role's password."""
        return self.folder / "password"

    @property
    def address_file(self) -> Path:
        """Holds the URL while the server runs."""
        return self.folder / "address"

    @property
    def log_file(self) -> Path:
        """What the server says."""
        return self.folder / "server.log"

    @property
    def pid_file(self) -> Path:
        """The server's own: process id first, state last."""
        return self.data / "postmaster.pid"

    @property
    def pid_link(self) -> Path:
        """Shows the pid file of a cluster in the annex to whoever searches the home for one."""
        return self.folder / "postmaster.pid"

    def recorded_pid(self) -> int | None:
        """The process id in the pid file, whatever process that now is."""
        try:
            return int(self.pid_file.read_text(encoding="utf-8", errors="replace").split("\n", 1)[0])
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None

    def url(self, password: str | None) -> str:
        """The libpq URL of the server, with or without the password."""
        secret = f":{password}" if password else ""
        return f"postgresql://{ROLE}{secret}@/{DATABASE}?host={quote(str(self.socket))}&port={PORT}"

    def run_as(self) -> dict[str, Any]:
        """What the server's programs are started with, where no server runs: user, bare environment, neutral folder."""
        home = pwd.getpwuid(self.account.uid).pw_dir if self.account else os.environ.get("HOME", "/")
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": home, "LC_ALL": "C", "TZ": "UTC"}
        left = self.recorded_pid()
        if left is not None:
            # The server takes its pid file for a dead server's if it names this process; whether
            # shared memory is still in use it checks all the same, which removing the file would prevent.
            environment["PG_GRANDPARENT_PID"] = str(left)
        options: dict[str, Any] = {"cwd": "/", "env": environment}
        if self.account:
            options |= {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}
        return options


def locate(home: Path) -> Cluster:
    """Where the home's server keeps what, made or not. Creates nothing."""
    home = home.resolve()
    folder = (home / "postgres").resolve()
    account = _account(home, folder)
    link = folder / "annex"
    annex = link.readlink() if link.is_symlink() else None
    data = folder / "cluster"
    outside = not data.exists() and annex is not None and (annex / "cluster").exists()
    if annex and (outside or (not data.exists() and account and not account.reaches(folder))):
        data = annex / "cluster"
    socket = folder / "socket"
    if annex and (data.parent == annex or not _fits_socket(socket)):
        socket = annex / "socket"
    return Cluster(home, folder, annex, account, data, socket)


def prepare_folder(home: Path) -> Path:
    """Makes the home's `postgres` folder, whose lock is to be held for all that follows."""
    folder = home.resolve() / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    if os.geteuid() == 0:
        owner = home.stat()
        os.chown(folder, owner.st_uid, owner.st_gid)
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return folder


def prepare(home: Path) -> Cluster:
    """Where the home's server keeps what, with a place made for what cannot lie in the home.

    Call under the folder's lock. Raises DatabaseUnavailable where no place can be had.
    """
    cluster = locate(home)
    unreachable = cluster.account is not None and not cluster.account.reaches(cluster.folder)
    homeless = unreachable and not cluster.data.exists()
    if cluster.annex and cluster.annex.is_dir() and not _is_copy(cluster, cluster.annex):
        (cluster.annex / "home").write_text(str(cluster.home), encoding="utf-8")  # it may have moved
    elif homeless and cluster.annex and cluster.password_file.exists():
        raise DatabaseUnavailable(
            f"The database of {cluster.home} lay in {cluster.annex}, which is gone. Put that folder back, or remove "
            f"{cluster.folder} to begin with an empty database."
        )
    elif homeless or not _fits_socket(cluster.folder / "socket"):
        _make_annex(cluster)
        cluster = locate(home)
    cluster.socket.mkdir(mode=0o700, exist_ok=True)
    if cluster.account:
        os.chown(cluster.socket, cluster.account.uid, cluster.account.gid, follow_symlinks=False)
    return cluster


def _make_annex(cluster: Cluster) -> None:
    base = annex_base(cluster.home, cluster.account)
    with locked(base / "lock"):
        annex = base / secrets.token_hex(6)
        annex.mkdir()
        annex.chmod(0o711 if cluster.account else 0o700)
        (annex / "home").write_text(str(cluster.home), encoding="utf-8")
        link = cluster.folder / "annex"
        link.unlink(missing_ok=True)
        link.symlink_to(annex)


def _is_copy(cluster: Cluster, annex: Path) -> bool:
    """Is the home a copy of one that still uses the annex? Raises DatabaseUnavailable if that holds the database."""
    recorded = Path((annex / "home").read_text(encoding="utf-8"))
    copied = recorded != cluster.home and _is_linked(recorded, annex)
    if copied and cluster.data.parent == annex:
        raise DatabaseUnavailable(
            f"{cluster.home} is a copy of {recorded}, and both point to the one database in {annex}. Use "
            f"`tillhouse backup` and `tillhouse restore` to copy a home; remove {cluster.folder} from the copy."
        )
    return copied


def _is_linked(home: Path, annex: Path) -> bool:
    link = home / "postgres" / "annex"
    return link.is_symlink() and link.readlink() == annex


def annex_base(home: Path, account: Account | None) -> Path:
    """The folder of ours for annexes and shared binaries, made if need be and checked to be ours alone.

    It lies in the system's temp folder for a home that does, or that needs a socket only, so that a
    throw-away home leaves nothing lasting; else in /var/lib.
    """
    temps = [Path(tempfile.gettempdir()).resolve(), Path("/tmp").resolve()]  # noqa: S108 - its ownership is checked
    if account is None or any(home.is_relative_to(temp) for temp in temps):
        bases = [temp / f"tillhouse-{os.geteuid()}" for temp in temps]
    else:
        bases = [LASTING_BASE]
    for base in bases:
        if _fits_socket(base / "0123456789ab" / "socket") and (account is None or account.reaches(base.parent)):
            return _own_folder(base, 0o711 if account else 0o700)
    raise DatabaseUnavailable(
        f"No folder can hold the socket of the database of {home}: tried {', '.join(map(str, bases))}. Choose a "
        f"TILLHOUSE_HOME with a shorter path{f' that {account.name} can reach' if account else ''}. {ELSEWHERE}"
    )


def _own_folder(path: Path, mode: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        found = path.lstat()
        refused = 0o077 if mode == 0o700 else 0o022  # where others must pass through, they may look but not write
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & refused:
            raise DatabaseUnavailable(
                f"{path} is not a private folder of this user (owner {found.st_uid}, mode "
                f"{stat.S_IMODE(found.st_mode):o}), so no database is put there. Remove it. {ELSEWHERE}"
            ) from None
    path.chmod(mode)
    return path


def orphans(base: Path) -> Iterator[tuple[Path, Cluster]]:
    """Annexes that no home links to any more, each with the cluster it held. Call under the base's lock."""
    for record in sorted(base.glob("*/home")):
        annex = record.parent
        home = Path(record.read_text(encoding="utf-8"))
        if not _is_linked(home, annex):
            data = annex / "cluster"
            owner = data.stat() if data.exists() else annex.stat()
            account = Account(owner.st_uid, owner.st_gid, str(owner.st_uid))
            yield annex, Cluster(home, home / "postgres", annex, account, data, annex / "socket")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds the lock file at `path`, waiting for it within reason."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        hand_to_folder_owner(handle, path)
        deadline = time.monotonic() + LOCK_WAIT_S
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise DatabaseUnavailable(
                        f"Another process has held {path} for {LOCK_WAIT_S} s while starting or stopping the database. "
                        f"Wait for it or end it, then try again."
                    ) from None
                time.sleep(0.02)
        yield
    finally:
        os.close(handle)


def hand_to_folder_owner(handle: int, path: Path) -> None:
    """Gives root's file to whom its folder belongs, who may run the next command."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(handle, owner.st_uid, owner.st_gid)


def _account(home: Path, folder: Path) -> Account | None:
    if os.geteuid() != 0:
        return None
    for path in (folder / "cluster", home):
        if path.exists() and path.stat().st_uid != 0:
            owner = path.stat()
            try:
                return Account(owner.st_uid, owner.st_gid, pwd.getpwuid(owner.st_uid).pw_name)
            except KeyError:
                break  # initdb insists on a name
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise DatabaseUnavailable(
            f"Postgres does not run as root, and there is no user `nobody` to run it as. "
            f"Run as another user. {ELSEWHERE}"
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid, nobody.pw_name)


def _fits_socket(folder: Path) -> bool:
    # libpq takes a comma for a list of hosts, the server a quote for a quoted name.
    path = str(folder / SOCKET_NAME)
    return len(os.fsencode(path)) <= SOCKET_PATH_LIMIT and not re.search('[,"\\\\]', path)
