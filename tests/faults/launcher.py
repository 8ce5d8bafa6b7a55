"""Starts commands in processes of their own, with their imports done once.

A process that has imported everything, and run nothing, forks a child for each command: importing is most of what a
small run costs. The child is the real command line, in its own process, that can be killed at any moment.
"""

import contextlib
import itertools
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
POLL_S = 0.005


@dataclass
class Ended:
    """How a command ended."""

    status: int  # as subprocess says it: -9 is killed
    seconds: float
    cpu: float  # seconds, of the process alone
    out: str
    err: str


@dataclass
class Command:
    """A command under way."""

    number: int
    launcher: "Launcher"
    folder: Path
    begun: float
    _ended: "queue.Queue[dict[str, Any]]" = field(default_factory=lambda: queue.Queue(1))

    def kill(self) -> None:
        """SIGKILL, if it still runs."""
        self.launcher.ask(kill=self.number)

    @property
    def err(self) -> str:
        """What it has said so far."""
        return self._text("err")

    @property
    def points(self) -> list[str]:
        """The points it has passed."""
        return self._text("points").splitlines()

    def running(self) -> bool:
        """Has it not ended yet?"""
        return self._ended.empty()

    def wait(self, timeout: float = 900) -> Ended:
        """Wait for its end; what takes longer than the timeout is killed, and a TimeoutError."""
        try:
            told = self._ended.get(timeout=timeout)
        except queue.Empty:
            self.kill()
            raise TimeoutError(f"no end after {timeout} s; it said: {self.err[-2000:]}") from None
        self._ended.put(told)
        return Ended(told["status"], told["at"] - self.begun, told["cpu"], self._text("out"), self.err)

    def _text(self, name: str) -> str:
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / f"{self.number}.{name}").read_text(encoding="utf-8", errors="replace")
        return ""


class Launcher:
    """Use as a context: `start` starts `tillhouse <arguments>`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._commands: dict[int, Command] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> "Launcher":
        self._folder.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.launcher"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._listener.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def start(
        self, home: Path, url: str | None, *arguments: str, point: str | None = None, fault: str | None = None
    ) -> Command:
        """Start a command on a home; with `fault` it is struck at `point`, with `point` empty it only lists points."""
        number = next(self._numbers)
        command = Command(number, self, self._folder, time.monotonic())
        self._commands[number] = command
        environment = {"TILLHOUSE_HOME": str(home)} | ({} if url is None else {"TILLHOUSE_DATABASE_URL": url})
        self.ask(
            start=number, folder=str(self._folder), arguments=arguments, environment=environment,
            point=point, fault=fault,
        )  # fmt: skip
        return command

    def ask(self, **request: Any) -> None:
        """Hand a request over."""
        with self._lock:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(request) + "\n")

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            self._commands.pop(told["number"])._ended.put(told | {"at": time.monotonic()})


def _child(request: Mapping[str, Any]) -> None:
    """The command, in the forked process; does not return."""
    folder, number = Path(request["folder"]), request["start"]
    for name, descriptor in (("out", 1), ("err", 2)):
        target = os.open(folder / f"{number}.{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(target, descriptor)
        os.close(target)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for name in [name for name in os.environ if name.startswith("TILLHOUSE_")]:
        del os.environ[name]
    os.environ.update(request["environment"])
    if request["fault"] is not None:
        from tests.faults.points import Points

        home = Path(request["environment"]["TILLHOUSE_HOME"])
        Points(home, folder / f"{number}.points", request["point"], request["fault"]).install()
    sys.argv = ["tillhouse", *request["arguments"]]
    from pipelines.cli import main

    code = 1
    try:
        main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:  # noqa: BLE001 (nothing of the parent may run in this process)
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _serve() -> None:
    """Fork for each request on stdin, and say on stdout how each child ended. Ends with stdin."""
    import selectors

    import pandera.polars  # noqa: F401
    import uvicorn  # noqa: F401

    import serving.postgres
    import serving.publish
    import serving.run_records  # noqa: F401
    import tests.faults.points  # noqa: F401

    children: dict[int, int] = {}  # process id to number
    waiting = b""
    selector = selectors.DefaultSelector()
    selector.register(0, selectors.EVENT_READ)
    open_ = True
    while open_ or children:
        if selector.select(POLL_S):
            piece = os.read(0, 65536)
            open_ = bool(piece)
            waiting += piece
            if not open_:
                selector.unregister(0)
                for pid in children:
                    os.kill(pid, 9)
            *lines, waiting = waiting.split(b"\n")
            for request in map(json.loads, lines):
                if "kill" in request:
                    for pid in [pid for pid, number in children.items() if number == request["kill"]]:
                        os.kill(pid, 9)
                    continue
                pid = os.fork()
                if pid == 0:
                    _child(request)
                children[pid] = request["start"]
        elif not open_:
            time.sleep(POLL_S)
        while children:
            pid, status, used = os.wait4(-1, os.WNOHANG)
            if pid == 0:
                break
            told = {
                "number": children.pop(pid),
                "status": os.waitstatus_to_exitcode(status),
                "cpu": used.ru_utime + used.ru_stime,
            }
            os.write(1, (json.dumps(told) + "\n").encode())


if __name__ == "__main__":
    _serve()
