"""`tillhouse serve`: where it listens, and what it says where it cannot."""

import socket
import urllib.request
from collections.abc import Iterator

import pytest

from tests.conftest import Home


@pytest.fixture
def taken() -> Iterator[int]:
    """A port another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_port_that_another_program_listens_on_is_exit_3_and_nothing_is_said_to_be_served(
    home: Home, taken: int
) -> None:
    for workers in ("1", "2"):
        ran = home.run("serve", "--port", str(taken), "--workers", workers)
        assert ran.exit_code == 3
        [line] = ran.err.splitlines()
        assert line.startswith(f"tillhouse: Another program listens on port {taken} of 127.0.0.1. Name another port")


@pytest.mark.parametrize("host", ["nope.invalid", "192.0.2.1", "a" * 70])
def test_a_host_that_is_none_of_this_machine_is_exit_3(home: Home, host: str) -> None:
    ran = home.run("serve", "--host", host)
    assert ran.exit_code == 3
    [line] = ran.err.splitlines()
    assert line.startswith(f"tillhouse: {host} is no address of this machine. Name one with --host")


@pytest.mark.parametrize("port", ["0", "-1", "65536", "99999", "http"])
def test_a_number_that_is_no_port_is_exit_2(home: Home, port: str) -> None:
    ran = home.run("serve", "--port", port)
    assert (ran.exit_code, "--port" in ran.err, "Serving" in ran.err) == (2, True, False)


@pytest.mark.parametrize(("host", "workers"), [("127.0.0.1", "1"), ("localhost", "2")])
def test_once_an_address_is_said_to_be_served_it_answers(home: Home, host: str, workers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = home.spawn("serve", "--host", host, "--port", str(port), "--workers", workers)
    try:
        assert process.stderr is not None
        assert process.stderr.readline() == f"Serving {home.path} at http://{host}:{port}/ (Ctrl-C stops)\n"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60) as answer:
            assert answer.status == 200
    finally:
        process.terminate()
        process.communicate(timeout=30)
