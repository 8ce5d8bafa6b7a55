"""Readers that ask without pause, over HTTP and in the lake, while releases are published."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx

from contracts.settings import Settings
from tests.faults.launcher import Launcher
from tests.faults.rounds import Round
from tests.faults.worlds import DAY, Copy, World, lake_glance, land_day

PATHS = ("/v1/metrics/daily?start=2024-01-01&end=2024-12-31", "/v1/inventory/alerts")
EACH_S = 0.02  # a reader asks so often
QUIET_S = 3.0


@dataclass
class Hammer:
    """Readers of one home; `seen` holds every different answer by what was asked and the release it says it is of."""

    base: str
    settings: Settings
    seen: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    took: list[tuple[float, float]] = field(default_factory=list)  # when HTTP was asked, seconds to the answer
    lake_answers: int = 0
    wrong: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> "Hammer":
        self._threads = [threading.Thread(target=self._ask_http) for _ in range(2)]
        self._threads.append(threading.Thread(target=self._ask_lake))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def note(self, asked: str, release: int, answer: str) -> None:
        """Keep an answer."""
        with self._lock:
            self.seen.setdefault((asked, release), set()).add(answer)

    def ask(self, client: httpx.Client, path: str) -> tuple[int, str]:
        """The release an answer says it is of, and its body."""
        answer = client.get(self.base + path)
        answer.raise_for_status()
        return int(answer.json()["release"]), answer.text

    def _ask_http(self) -> None:
        newest = 0
        with httpx.Client() as client:
            while not self._stop.wait(EACH_S):
                for path in PATHS:
                    begun = time.monotonic()
                    try:
                        release, body = self.ask(client, path)
                    except (httpx.HTTPError, ValueError, KeyError) as error:
                        self.wrong.append(f"{path} failed: {error}")
                        continue
                    self.took.append((begun, time.monotonic() - begun))
                    self.note(path, release, body)
                    if release < newest:
                        self.wrong.append(f"{path} went back from release {newest} to {release}")
                    newest = release

    def _ask_lake(self) -> None:
        while not self._stop.wait(EACH_S * 5):
            release, totals = lake_glance(self.settings)
            self.note("lake", release or 0, totals)
            self.lake_answers += 1


@contextmanager
def served(launcher: Launcher, home: Copy) -> Iterator[str]:
    """The home's API in a process of its own, for any number of requests; where it answers."""
    (home.path / "tillhouse.toml").write_text("api_address_rate = 0\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = launcher.start(home.path, home.given, "serve", "--port", str(port))
    try:
        base = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while True:
            try:
                httpx.get(f"{base}/readyz").raise_for_status()
                break
            except httpx.HTTPError:
                assert time.monotonic() < deadline, command.err
                time.sleep(0.1)
        yield base
    finally:
        command.kill()
        command.wait()


def hammer(world: World, publishes: int) -> tuple[Round, dict[str, Any]]:
    """So many days published one after the other under readers; and what they saw, with latencies in ms."""
    done = Round(f"{publishes} publishes under readers")
    home = world.copy(world.base)
    settings = home.settings
    windows: list[tuple[float, float]] = []  # of the publish steps
    quiet: list[tuple[float, float]] = []
    with served(world.launcher, home) as base, Hammer(base, settings) as readers, httpx.Client() as client:
        for number in range(publishes):
            begun = time.monotonic()
            time.sleep(QUIET_S if number == 0 else 1.0)
            quiet.append((begun, time.monotonic()))
            day = date.fromisoformat(DAY) + timedelta(days=number)
            if number:
                land_day(home, day.isoformat())
            command = world.launcher.start(home.path, home.given, "pipeline", day.isoformat())
            window = [time.monotonic()] * 2
            while command.running():
                if "checks: " not in command.err:
                    window[0] = time.monotonic()
                time.sleep(0.01)
            ended = command.wait()
            windows.append((window[0], time.monotonic()))
            done.must(ended.status == 0, f"{day} ended {ended.status}: {ended.err[-1500:]}")
            for path in PATHS:
                readers.note(path, *readers.ask(client, path))
            readers.note("lake", *lake_glance(settings))  # type: ignore[arg-type]
    done.wrong += readers.wrong[:5]
    for (asked, release), answers in readers.seen.items():
        done.must(len(answers) == 1, f"{len(answers)} different answers to {asked} of release {release}: {answers}")
    releases_seen = {release for _, release in readers.seen}
    done.must(releases_seen == set(range(1, publishes + 2)), f"releases seen: {sorted(releases_seen)}")
    done.answers = len(readers.took) + readers.lake_answers
    p99 = {"quiet": _p99(readers.took, quiet), "publish": _p99(readers.took, windows)}
    if not done.wrong:
        world.drop(home)
    return done, {
        "HTTP answers": len(readers.took),
        "lake answers": readers.lake_answers,
        "p99 quiet, ms": round(1000 * p99["quiet"], 1),
        "p99 during publish, ms": round(1000 * p99["publish"], 1),
        "ratio": round(p99["publish"] / p99["quiet"], 2),
    }


def _p99(took: list[tuple[float, float]], windows: list[tuple[float, float]]) -> float:
    """Of the answers under way in one of the windows."""
    inside = sorted(s for at, s in took if any(begin <= at + s and at <= end for begin, end in windows))
    return inside[int(len(inside) * 0.99)] if inside else float("nan")
