"""The embedded server, for real: made, shared, killed and found again."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg2
import pytest

from contracts.errors import DatabaseUnavailable
from contracts.settings import Settings
from serving import embedded
from serving.placement import locate

ROOT = Path(__file__).resolve().parents[2]
STARTER = (
    "import sys; from pathlib import Path; from contracts.settings import Settings; from serving import embedded; "
    "print(embedded.start(Settings(home=Path(sys.argv[1]))), flush=True)"
)
STOPPER = STARTER.replace("embedded.start", "embedded.stop")
IS_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not IS_ROOT, reason="only root's server runs as another user")


@pytest.fixture(scope="module")
def temp() -> Iterator[Path]:
    """A system temp folder of these tests' own, which everybody may enter and which is short enough for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="th-", dir="/tmp"))
    folder.chmod(0o755)
    (folder / "private").mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setattr(tempfile, "tempdir", str(folder))
        yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def settings(temp: Path) -> Iterator[Settings]:
    """One home, in a folder that only its owner may enter, on which one test after another starts the server."""
    made = Settings(home=temp / "private" / "used")
    yield made
    embedded.stop(made)


@pytest.fixture
def home_at(temp: Path) -> Iterator[Callable[..., Settings]]:
    """Settings of new homes, whose servers are stopped in the end."""
    made: list[Settings] = []

    def make(name: str, folder: str = "private") -> Settings:
        (temp / folder).mkdir(exist_ok=True)
        made.append(Settings(home=temp / folder / name))
        return made[-1]

    yield make
    for settings in made:
        if settings.home.is_dir():
            embedded.stop(settings)


def starting(settings: Settings, **options: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", STARTER, str(settings.home)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload,no-any-return]


def ask(url: str, query: str) -> str:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(query)
        answer = str(cursor.fetchone()[0]) if cursor.description else ""  # type: ignore[index]
    connection.close()
    return answer


def pid_of(settings: Settings) -> int:
    pid = embedded.status(settings).pid
    assert pid is not None
    return pid


def test_a_started_server_is_found_again_and_speaks_utf8_in_code_point_order(settings: Settings) -> None:
    url = embedded.start(settings)
    first = pid_of(settings)
    assert embedded.start(settings) == url
    assert pid_of(settings) == first
    assert ask(url, "select string_agg(x, '' order by x) from unnest(array['é', 'b', 'B', 'a']) x") == "Babé"
    assert ask(url, "show server_encoding") == "UTF8"
    assert ask(url, "show timezone") == "UTC"
    assert ask(url, "show listen_addresses") == ""
    assert settings.address_file.read_text().strip() == url
    assert settings.address_file.stat().st_mode & 0o777 == 0o600


def test_a_wrong_password_is_refused(settings: Settings) -> None:
    url = embedded.start(settings)
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(url.replace("tillhouse:", "tillhouse:x"))


def test_nobody_gets_in_without_a_password_nor_from_a_network_nor_past_the_owner_of_the_socket(
    settings: Settings,
) -> None:
    url = embedded.start(settings)
    methods = "select string_agg(distinct auth_method, ' ') || count(*) filter (where error is not null)"
    assert ask(url, f"{methods} from pg_hba_file_rules") == "scram-sha-2560"
    assert ask(url, "show password_encryption") == "scram-sha-256"
    assert ask(url, "show listen_addresses") == ""
    found = locate(settings.home)
    assert found.socket.stat().st_mode & 0o777 == 0o700
    assert (found.socket / ".s.PGSQL.5432").stat().st_mode & 0o777 == 0o700
    assert found.data.stat().st_mode & 0o777 == 0o700
    password = found.password_file.read_text().strip()
    with pytest.raises(psycopg2.OperationalError, match="no password supplied"):
        psycopg2.connect(url.replace(f":{password}@", "@"), passfile=os.devnull)


def test_stop_is_clean_and_may_be_repeated(home_at: Callable[..., Settings]) -> None:
    settings = home_at("stopped")
    embedded.stop(settings)
    assert not settings.home.exists()
    url = embedded.start(settings)
    ask(url, "create table kept (a int)")
    embedded.stop(settings)
    embedded.stop(settings)
    stopped = embedded.status(settings)
    assert (stopped.running, stopped.pid, stopped.version) == (False, None, "18")
    assert not settings.address_file.exists()
    assert not list(settings.home.rglob("postmaster.pid"))
    assert "database system is shut down" in (settings.postgres / "server.log").read_text()
    assert ask(embedded.start(settings), "select count(*) from kept") == "0"


def test_status_tells_a_running_server_without_its_password(settings: Settings) -> None:
    url = embedded.start(settings)
    password = (settings.postgres / "password").read_text().strip()
    told = embedded.status(settings)
    assert told.running
    assert str(told.version).startswith("18.")
    assert password in url
    assert password not in repr(told)
    # Tools that do not follow links find the server from its home.
    assert [int(path.read_text().split()[0]) for path in settings.home.rglob("postmaster.pid")] == [told.pid]


def test_two_processes_that_start_at_once_share_one_server(home_at: Callable[..., Settings]) -> None:
    settings = home_at("shared")
    both = [starting(settings), starting(settings)]
    # The outputs reach their end though the server goes on: it holds neither pipe.
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert said[0][0] == said[1][0] == embedded.start(settings) + "\n"
    assert (settings.postgres / "server.log").read_text().count("ready to accept connections") == 1


def test_after_the_server_is_killed_the_next_start_brings_back_what_was_committed(settings: Settings) -> None:
    url = embedded.start(settings)
    ask(url, "create table if not exists kept as select 7 as a")
    busy = threading.Thread(
        target=_ask_until_cut_off, args=(url, "select count(*) from generate_series(1, 10000000000000)")
    )
    busy.start()
    deadline = time.monotonic() + 10
    while ask(url, "select count(*) from pg_stat_activity where query like '%10000000000000)'") != "1":
        assert time.monotonic() < deadline
    killed = pid_of(settings)
    os.kill(killed, signal.SIGKILL)
    # The busy query lingers without its postmaster and holds the shared memory.
    assert ask(embedded.start(settings), "select a from kept") == "7"
    assert pid_of(settings) != killed
    busy.join(timeout=10)
    assert not busy.is_alive()


def test_after_a_connections_process_is_killed_the_server_recovers_by_itself(settings: Settings) -> None:
    url = embedded.start(settings)
    server = pid_of(settings)
    ask(url, "drop table if exists counted; create table counted (a int)")
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("insert into counted values (1)")
        connection.commit()
        cursor.execute("insert into counted values (2)")
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        with pytest.raises(psycopg2.OperationalError):
            cursor.execute("select 1")
    connection.close()
    assert ask(embedded.start(settings), "select array_agg(a) from counted") == "[1]"
    assert pid_of(settings) == server


def test_a_copy_of_a_running_servers_folder_starts_with_all_that_was_committed_as_after_a_power_cut(
    home_at: Callable[..., Settings],
) -> None:
    settings, copy = home_at("powered", "open"), home_at("cut off", "open")
    url = embedded.start(settings)
    ask(url, "create table committed (a int); checkpoint")
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        for number in range(200):
            cursor.execute("insert into committed select * from generate_series(1, 500)")
            connection.commit()
            if number == 100:
                cursor.execute("checkpoint")
                connection.commit()
        cursor.execute("insert into committed select * from generate_series(1, 90000)")  # and never committed
        server = pid_of(settings)
        processes = [server, *children(server)]
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        subprocess.run(["cp", "-a", str(settings.home), str(copy.home)], check=True)
        for pid in processes:
            os.kill(pid, signal.SIGCONT)
    # The copy's files still name the other server: its process, which lives, its address, which answers.
    assert str(server) in locate(copy.home).pid_file.read_text()
    assert copy.address_file.read_text() == url + "\n"
    again = embedded.start(copy)
    assert again != url
    assert ask(again, "select count(*) from committed") == "100000"
    assert pid_of(copy) != server
    assert pid_of(settings) == server
    connection.close()
    assert ask(url, "select count(*) from committed") == "100000"


def children(parent: int) -> list[int]:
    """The processes of a server."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=True)
    return [int(pid) for pid in listed.stdout.split()]


def _ask_until_cut_off(url: str, query: str) -> None:
    with pytest.raises(psycopg2.OperationalError):
        ask(url, query)


def test_stale_files_are_not_believed_even_if_their_process_id_lives_again(settings: Settings) -> None:
    url = embedded.start(settings)
    found = locate(settings.home)
    stale = found.pid_file.read_text()
    killed = pid_of(settings)
    os.kill(killed, signal.SIGKILL)
    as_server = {"user": found.account.uid} if found.account else {}
    bystanders = [subprocess.Popen(["sleep", "60"], **as_server) for _ in range(2)]  # type: ignore[call-overload]
    try:
        for file, bystander in zip((found.pid_file, found.socket / ".s.PGSQL.5432.lock"), bystanders, strict=True):
            file.write_text(stale.replace(str(killed), str(bystander.pid), 1))
        assert not embedded.status(settings).running
        embedded.stop(settings)  # must not end the bystander
        settings.address_file.write_text(url + "\n")
        assert ask(embedded.start(settings), "select 1") == "1"
        assert [bystander.poll() for bystander in bystanders] == [None, None]
    finally:
        for bystander in bystanders:
            bystander.kill()
            bystander.wait()


def test_a_process_killed_while_it_makes_the_cluster_leaves_nothing_half_made(
    home_at: Callable[..., Settings],
) -> None:
    settings = home_at("half-made")
    first = starting(settings)
    deadline = time.monotonic() + 30
    while not (
        list(settings.home.rglob("unfinished-*/cluster/PG_VERSION"))
        or list(locate(settings.home).data.parent.glob("unfinished-*/cluster/PG_VERSION"))
    ):
        assert time.monotonic() < deadline
    first.kill()
    first.communicate()
    assert ask(embedded.start(settings), "select 1") == "1"


def test_a_process_killed_right_after_the_server_started_leaves_it_to_the_next(settings: Settings) -> None:
    url = embedded.start(settings)
    running = pid_of(settings)
    settings.address_file.unlink()  # as if killed before it was written
    assert embedded.start(settings) == url
    assert pid_of(settings) == running
    assert settings.address_file.read_text().strip() == url


def test_a_lost_password_is_replaced_and_a_lost_socket_too(settings: Settings) -> None:
    url = embedded.start(settings)
    ask(url, "create table if not exists kept as select 7 as a")
    (settings.postgres / "password").unlink()
    renewed = embedded.start(settings)
    assert renewed != url
    assert ask(renewed, "select a from kept") == "7"
    shutil.rmtree(embedded.status(settings).socket)
    assert ask(embedded.start(settings), "select a from kept") == "7"


def test_a_cluster_of_another_version_is_refused_with_what_to_do(settings: Settings) -> None:
    embedded.start(settings)
    embedded.stop(settings)
    version = locate(settings.home).data / "PG_VERSION"
    made_by = version.read_text()
    version.write_text("12\n")
    with pytest.raises(DatabaseUnavailable, match=r"made by Postgres 12; this installation brings 18") as refused:
        embedded.start(settings)
    assert "docs/postgres.md" in str(refused.value)
    assert "\n" not in str(refused.value)
    version.write_text(made_by)


def test_a_server_that_does_not_start_is_told_with_its_last_words(settings: Settings) -> None:
    url = embedded.start(settings)
    embedded.stop(settings)
    configuration = locate(settings.home).data / "postgresql.conf"
    good = configuration.read_text()
    configuration.write_text(good + "shared_buffers = 'many'\n")
    with pytest.raises(
        DatabaseUnavailable, match=r"shared_buffers.*Mend what it names.*TILLHOUSE_DATABASE_URL"
    ) as refused:
        embedded.start(settings)
    assert url.split(":")[2].split("@")[0] not in str(refused.value)
    assert "\n" not in str(refused.value)
    configuration.write_text(good)


@pytest.mark.parametrize("name", ["my shop 100 % ü", "long, 'quoted' \" " + "x" * 150])
def test_any_name_of_a_home_will_do(home_at: Callable[..., Settings], name: str) -> None:
    settings = home_at(name, "open")
    assert ask(embedded.start(settings), "select 1") == "1"
    assert settings.postgres.joinpath("cluster").is_dir()


@only_root
def test_below_a_private_folder_roots_cluster_lies_outside_and_is_swept_when_its_home_is_gone(
    home_at: Callable[..., Settings], temp: Path
) -> None:
    settings, other = home_at("throw-away"), home_at("other")
    url = embedded.start(settings)
    told = embedded.status(settings)
    assert told.data.is_relative_to(temp / "tillhouse-0")
    assert told.data.stat().st_uid == pwd.getpwnam("nobody").pw_uid
    assert (temp / "private").stat().st_mode & 0o777 == 0o700
    shutil.rmtree(settings.home)
    ask(url, "select 1")
    embedded.start(other)
    with pytest.raises(psycopg2.OperationalError):
        ask(url, "select 1")
    assert not told.data.exists()
    assert embedded.status(other).data.exists()


@only_root
def test_a_copy_of_a_home_does_not_share_its_database(home_at: Callable[..., Settings]) -> None:
    settings, copy = home_at("original"), home_at("copy")
    embedded.start(settings)
    embedded.stop(settings)
    shutil.copytree(settings.home, copy.home, symlinks=True)
    with pytest.raises(DatabaseUnavailable, match="is a copy of"):
        embedded.start(copy)
    shutil.rmtree(settings.home)
    assert ask(embedded.start(copy), "select 1") == "1"  # now it is the same home, moved


def python_for(user: dict[str, object]) -> tuple[str, dict[str, str]]:
    """An interpreter that the user can run with our packages, and its environment."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), sysconfig.get_path("purelib")])}
    for python in (sys.executable, shutil.which("python3", path=os.defpath)):
        if python:
            with suppress(OSError):
                command = [
                    python,
                    "-c",
                    f"import sys, serving.embedded; sys.exit({sys.version_info[:2]} != sys.version_info[:2])",
                ]
                if (
                    subprocess.run(
                        command, cwd="/", env=environment, capture_output=True, check=False, **user
                    ).returncode
                    == 0
                ):  # type: ignore[call-overload]
                    return python, environment
    pytest.skip("the user nobody can reach no interpreter with this checkout's packages")


@only_root
def test_a_normal_user_keeps_everything_in_the_home(temp: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    user: dict[str, object] = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    python, environment = python_for(user)
    settings = Settings(home=temp / "shop" / "home")
    settings.home.parent.mkdir()
    os.chown(settings.home.parent, nobody.pw_uid, nobody.pw_gid)
    settings.home.parent.chmod(0o700)

    def run(code: str) -> str:
        command = [python, "-c", code, str(settings.home)]
        return subprocess.run(
            command, cwd="/", env=environment, check=True, capture_output=True, text=True, **user
        ).stdout  # type: ignore[call-overload,no-any-return]

    try:
        url = run(STARTER).strip()
        assert settings.postgres.stat().st_mode & 0o777 == 0o700
        assert (settings.postgres / "cluster" / "postmaster.pid").exists()
        assert not (temp / f"tillhouse-{nobody.pw_uid}").exists()
        # Root finds the server of the home's owner and leaves the files to him.
        assert embedded.start(settings) == url
        embedded.stop(settings)
        assert embedded.start(settings) == url
        assert {path.owner() for path in settings.postgres.iterdir()} == {"nobody"}
    finally:
        run(STOPPER)
    assert not embedded.status(settings).running
