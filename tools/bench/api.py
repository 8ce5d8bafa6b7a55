"""The API beside a bare FastAPI handler that returns a constant of the same size: one worker each, one run."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

import httpx

HOME = os.environ.get("BENCH_HOME")  # a home with a release; by default a demo is made
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
ROUNDS = 3
CLIENTS = 8
DAILY = "/v1/metrics/daily"
SALES = "/v1/sales?group_by=date,channel,category"
BARE = """
import sys
import uvicorn
from fastapi import FastAPI, Response

daily, sales = (open(path, "rb").read() for path in sys.argv[1:3])
app = FastAPI()

@app.get("/daily")
async def constant() -> Response:
    return Response(daily, media_type="application/json")

@app.get("/sales")
async def other() -> Response:
    return Response(sales, media_type="application/json")

uvicorn.run(app, port=int(sys.argv[3]), http="httptools", log_level="warning", access_log=False)
"""


def main() -> None:
    """Print requests a second, p50 and p99 of each, and the ratios."""
    with tempfile.TemporaryDirectory() as place:
        home = HOME or str(Path(place) / "home")
        environment = os.environ | {"TILLHOUSE_HOME": home, "TILLHOUSE_API_ADDRESS_RATE": "0"}
        tillhouse = [sys.executable, "-c", "from pipelines.cli import main; main()"]
        if HOME is None:
            subprocess.run([*tillhouse, "demo"], env=environment, check=True, capture_output=True)  # noqa: S603
        try:
            with _serving([*tillhouse, "serve", "--port", "8771"], 8771, "/readyz", environment):
                ours = "http://127.0.0.1:8771"
                first = httpx.get(ours + DAILY)
                constants = [Path(place) / "daily.json", Path(place) / "sales.json"]
                for path, content in zip(constants, (first.content, httpx.get(ours + SALES).content), strict=True):
                    path.write_bytes(content)
                bare = [sys.executable, "-c", BARE, *map(str, constants), "8772"]
                with _serving(bare, 8772, "/daily", environment):
                    lines = {
                        "bare daily": _Line("bare FastAPI, as long an answer", "http://127.0.0.1:8772/daily"),
                        "bare sales": _Line("bare FastAPI, as long as that of sales", "http://127.0.0.1:8772/sales"),
                        "daily": _Line(f"{DAILY}, 30 days", ours + DAILY),
                        "sales": _Line(SALES, ours + SALES),
                        "known": _Line(f"{DAILY}, 304", ours + DAILY, {"If-None-Match": first.headers["etag"]}),
                        "computed": _Line(f"{DAILY}, asked the first time", ours + DAILY, each_its_own=True),
                    }
                    for _ in range(ROUNDS):  # by turns, so that a slow minute of the machine falls on all
                        for line in lines.values():
                            line.ask()
            rates = {name: line.told() for name, line in lines.items()}
            daily, sales = (rates[name] / rates[f"bare {name}"] for name in ("daily", "sales"))
            print(f"  {DAILY} / bare {daily:.2f}, sales / bare {sales:.2f} (aim: at least 0.75)")
            computed, kept = (rates["known"] / rates[name] for name in ("computed", "daily"))
            print(f"  304 / 200 computed {computed:.2f} (aim: at least 3), / 200 kept {kept:.2f}")
        finally:
            if HOME is None:
                subprocess.run([*tillhouse, "db", "stop"], env=environment, check=True, capture_output=True)  # noqa: S603


@contextmanager
def _serving(command: list[str], port: int, path: str, environment: dict[str, str]) -> Iterator[None]:
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            for _ in range(600):
                try:
                    if httpx.get(f"http://127.0.0.1:{port}{path}").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield
        finally:
            process.terminate()


@dataclass
class _Line:
    """One request, asked over CLIENTS connections at once by bare sockets."""

    name: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    each_its_own: bool = False  # no two requests alike, so that no answer is kept for them
    taken: list[float] = field(default_factory=list)
    asked: int = 0

    def ask(self) -> None:
        """For SECONDS."""
        parts = urlsplit(self.url)
        clients = [socket.create_connection((parts.hostname, parts.port)) for _ in range(CLIENTS)]
        for client in clients:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        clients[0].sendall(self._request())
        time.sleep(0.5)
        size = len(clients[0].recv(1 << 24))  # each answer is as long as the first
        ends = time.perf_counter() + SECONDS
        while (begun := time.perf_counter()) < ends:
            for client in clients:
                client.sendall(self._request())
            for client in clients:
                left = size
                while left:
                    left -= len(client.recv(left))
                self.taken.append(time.perf_counter() - begun)
        for client in clients:
            client.close()

    def told(self) -> float:
        """Print requests a second and how long one took; returns the former."""
        cuts = quantiles(self.taken, n=100)
        rate = len(self.taken) / SECONDS / ROUNDS
        print(f"{self.name:45} {rate:8.0f} a second, p50 {cuts[49] * 1000:6.2f} ms, p99 {cuts[98] * 1000:6.2f} ms")
        return rate

    def _request(self) -> bytes:
        parts = urlsplit(self.url)
        path = self.url.partition(parts.netloc)[2]
        lines = [f"GET {path} HTTP/1.1", f"Host: {parts.netloc}"]
        if self.each_its_own:
            self.asked += 1
            lines.append(f"Accept: application/json, x/{self.asked}")
        lines += [f"{header}: {value}" for header, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()


if __name__ == "__main__":
    main()
