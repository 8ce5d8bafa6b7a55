"""The API beside a bare FastAPI handler that returns a constant of the same size: one worker each, one run."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

import httpx

HOME = os.environ.get("BENCH_HOME")  # a home with a release; by default a demo is made
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
CLIENTS = 8
DAILY = "/v1/metrics/daily"
SALES = "/v1/sales?group_by=date,channel,category"
BARE = """
import sys
import uvicorn
from fastapi import FastAPI, Response

body = open(sys.argv[1], "rb").read()
app = FastAPI()

@app.get("/constant")
async def constant() -> Response:
    return Response(body, media_type="application/json")

uvicorn.run(app, port=int(sys.argv[2]), http="httptools", log_level="warning", access_log=False)
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
                constant = Path(place) / "constant.json"
                constant.write_bytes(first.content)
                bare = [sys.executable, "-c", BARE, str(constant), "8772"]
                with _serving(bare, 8772, "/constant", environment):
                    floor = _line("bare FastAPI, a constant", "http://127.0.0.1:8772/constant", {})
                    daily = _line(f"{DAILY}, 30 days", ours + DAILY, {})
                    sales = _line(SALES, ours + SALES, {})
                    known = _line(f"{DAILY}, 304", ours + DAILY, {"If-None-Match": first.headers["etag"]})
            print(f"  {DAILY} / bare {daily / floor:.2f}, sales / bare {sales / floor:.2f} (aim: at least 0.75)")
            print(f"  304 / 200 {known / daily:.2f} (aim: at least 3)")
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


def _line(name: str, url: str, headers: dict[str, str]) -> float:
    """Ask for SECONDS over CLIENTS connections at once, by bare sockets; returns requests a second."""
    parts = urlsplit(url)
    lines = [f"GET {url.partition(parts.netloc)[2]} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{header}: {value}" for header, value in headers.items()]
    request = "\r\n".join([*lines, "", ""]).encode()
    clients = [socket.create_connection((parts.hostname, parts.port)) for _ in range(CLIENTS)]
    for client in clients:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    clients[0].sendall(request)
    time.sleep(0.5)
    size = len(clients[0].recv(1 << 24))  # each answer is as long as the first
    taken: list[float] = []
    ends = time.perf_counter() + SECONDS
    while (begun := time.perf_counter()) < ends:
        for client in clients:
            client.sendall(request)
        for client in clients:
            left = size
            while left:
                left -= len(client.recv(left))
            taken.append(time.perf_counter() - begun)
    for client in clients:
        client.close()
    cuts = quantiles(taken, n=100)
    rate = len(taken) / SECONDS
    print(f"{name:45} {rate:8.0f} a second, p50 {cuts[49] * 1000:6.2f} ms, p99 {cuts[98] * 1000:6.2f} ms")
    return rate


if __name__ == "__main__":
    main()
