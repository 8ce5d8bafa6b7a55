"""Rounds that strike what lies below: the embedded Postgres, and the disk."""

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from contracts.settings import Settings
from lake import release as releases
from serving import embedded
from tests.faults.rounds import INFRASTRUCTURE, Round, judge_next, judge_now, judge_words
from tests.faults.worlds import DAY, FIRST, Copy, Watch, World, succeed

MIB = 2**20
CLUSTER_MIB = 160  # what a small home with its Postgres takes, and some room
BALLAST = "ballast"


class EmbeddedWorld:
    """A world whose homes have a Postgres of their own, stopped in the base. Use as a context."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._copies = 0

    def __enter__(self) -> "EmbeddedWorld":
        # Where the server's user may enter, a home holds its cluster itself, and a copy of it is whole.
        self.folder = Path(tempfile.mkdtemp(prefix="faults-"))
        self.folder.chmod(0o755)
        self.base = self.folder / "base"
        shutil.copytree(self.world.empty.path, self.base)
        succeed(self.world.launcher, self._home(self.base), FIRST)
        embedded.stop(_own(self.base))
        return self

    def __exit__(self, *_: object) -> None:
        for home in self.folder.iterdir():
            embedded.stop(_own(home))
        shutil.rmtree(self.folder)

    def copy(self, to: Path | None = None) -> Copy:
        """A copy of the base, its server not running."""
        self._copies += 1
        path = to or self.folder / f"copy{self._copies}"
        subprocess.run(["cp", "-a", str(self.base), str(path)], check=True)
        return self._home(path)

    def drop(self, home: Copy) -> None:
        """Stop a copy's server and forget it."""
        embedded.stop(_own(home.path))
        shutil.rmtree(home.path)

    def _home(self, path: Path) -> Copy:
        return Copy(path, _url(path), None)


def _own(home: Path) -> Settings:
    return Settings(home=home, database_url=None)


def _url(home: Path) -> str:
    return embedded.start(_own(home))


def kill_postgres(own: EmbeddedWorld, chance: random.Random) -> Round:
    """The postmaster, a backend of the run, or every process of the server, killed in the middle of a run."""
    world = own.world
    home = own.copy()
    what = chance.choice(("the postmaster", "a backend", "every process"))
    with Watch(home.path, home.url, world.glances, may_lose=True) as watch:
        command = world.launcher.start(home.path, None, "pipeline", DAY, point="", fault="record")
        after = chance.uniform(0.1, world.usual.seconds)
        time.sleep(after)
        done = Round(f"kill -9 of {what} of Postgres at {after:.3f} s after {(command.points or ['nothing'])[-1]}")
        struck = _kill(home.path, what, chance)
        ended = command.wait()
        done.status = ended.status
        done.must(struck, "no server was there to kill")
        done.must(ended.status in {0, INFRASTRUCTURE}, f"ended {ended.status}: {ended.err[-1500:]}")
        if ended.status != 0:
            judge_words(done, ended)
        judge_next(done, world, home)
    done.answers = watch.answers
    done.wrong += watch.mixed[:3]
    if not done.wrong:
        own.drop(home)
    return done


def _kill(home: Path, what: str, chance: random.Random) -> bool:
    postmaster = embedded.status(_own(home)).pid
    if postmaster is None:
        return False
    children = [int(pid) for pid in Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()]
    backends = [pid for pid in children if "tillhouse" in _title(pid)]
    victims = {
        "the postmaster": [postmaster],
        "a backend": [chance.choice(backends or children)],
        "every process": [postmaster, *children],
    }[what]
    for pid in victims:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return True


def _title(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    return ""


@contextmanager
def small_disk(mib: int) -> Iterator[Path]:
    """A file system of its own, that many MiB large. Raises PermissionError where none may be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=755", "tmpfs", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        folder.rmdir()
        raise PermissionError(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


def fill_disk(world: World, chance: random.Random, own: EmbeddedWorld | None = None) -> Round:
    """A run on a disk with too little room, or just enough; `own` with the database on it, too."""
    with small_disk(CLUSTER_MIB if own else 64) as disk:
        if own:
            home = own.copy(disk / "home")
        else:
            copied = world.copy(world.base)
            shutil.move(copied.path, disk / "home")
            home = Copy(disk / "home", copied.url, copied.url)
        free = int(chance.uniform(0, 1.3) * world.growth) // 4096 * 4096
        done = Round(f"{free:,} bytes free on the disk of {'lake and database' if own else 'the lake'}")
        with Watch(home.path, home.url, world.glances, may_lose=own is not None) as watch:
            _leave(disk, free)
            ended = world.launcher.start(home.path, home.given, "pipeline", DAY).wait()
            done.status = ended.status
            done.must(ended.status in {0, INFRASTRUCTURE}, f"ended {ended.status}: {ended.err[-1500:]}")
            if ended.status != 0:
                judge_words(done, ended)
            if own is None:
                release = releases.current(home.settings)
                committed = release is not None and release.release_id == 2
                judge_now(done, world, home, ended, committed=committed, room=False)
            (disk / BALLAST).unlink()
            judge_next(done, world, home)
        done.answers = watch.answers
        done.wrong += watch.mixed[:3]
        if own:
            embedded.stop(_own(home.path))
        else:
            world.databases.drop(home.url)
    return done


def _leave(disk: Path, free: int) -> None:
    """Fill the disk but for so many bytes."""
    there = os.statvfs(disk)
    with (disk / BALLAST).open("wb") as ballast:
        os.posix_fallocate(ballast.fileno(), 0, max(4096, there.f_bavail * there.f_frsize - free))
