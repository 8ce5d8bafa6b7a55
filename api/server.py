"""The server around the application: how long it waits for a slow client, and how it ends."""

import asyncio
import errno
import os
import socket
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.supervisors import Multiprocess

from api.measures import SEVERAL
from contracts.errors import InfrastructureError

REQUEST_SECONDS = 15.0  # for a request to have come whole, its first byte included
STALLED_SECONDS = 30.0  # for a client to take some of an answer
MOST_HEADER_BYTES = 64 * 1024
KEEP_ALIVE_SECONDS = 20
GRACE_SECONDS = 15  # for what is being answered when the service is told to end
BACKLOG = 2048  # connections that wait to be taken
_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class Protocol(HttpToolsProtocol):
    """uvicorn's, less its patience: a request that does not come in time, or grows without end, is cut off."""

    _deadline: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None
    _header_bytes = 0

    def connection_made(self, transport: Any) -> None:
        """A client is there; its request is waited for."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """It has gone."""
        self._stop_waiting()
        if self._stalled is not None:
            self._stalled.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request."""
        idle = self.cycle is None or self.cycle.response_complete
        if idle:
            self._header_bytes += len(data)
            if self._deadline is None:
                self._wait()
            if self._header_bytes > MOST_HEADER_BYTES:
                self._give_up()
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """The request is whole but for a body."""
        self._header_bytes = 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._stop_waiting()
        super().on_message_complete()

    def pause_writing(self) -> None:
        """The client is slower than its answer."""
        super().pause_writing()
        self._stalled = self.loop.call_later(STALLED_SECONDS, self._give_up)

    def resume_writing(self) -> None:
        """It has caught up."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            self.transport.abort()


# How uvicorn runs it.
OPTIONS: dict[str, Any] = {
    "http": "api.server:Protocol",
    "log_level": "warning",
    "access_log": False,
    "server_header": False,
    "timeout_keep_alive": KEEP_ALIVE_SECONDS,
    "timeout_graceful_shutdown": GRACE_SECONDS,
    "backlog": BACKLOG,
}


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen at every address the host has on this machine, as `serve` takes them.

    Raises InfrastructureError where another listens there, or the host has no address here.
    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise _no_address(host) from None
    listening: list[socket.socket] = []
    for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
        try:
            listening.append(socket.create_server(address, family=family, backlog=BACKLOG))
        except OSError as error:
            if error.errno in _NOT_HERE:
                continue  # `localhost` may have an IPv6 address where there is no IPv6
            for each in listening:
                each.close()
            if error.errno == errno.EADDRINUSE:
                raise InfrastructureError(
                    f"Another program listens on port {port} of {host}. Name another port with --port, or stop it."
                ) from None
            raise InfrastructureError(
                f"Nothing can listen on port {port} of {host}: {error.strerror}. Name another port with --port."
            ) from None
    if not listening:
        raise _no_address(host)
    return listening


def serve(listening: Sequence[socket.socket], workers: int) -> None:
    """Serve until told to end; what is being answered then is answered, for GRACE_SECONDS at most."""
    config = uvicorn.Config("api.app:create_app", factory=True, workers=workers, **OPTIONS)
    if workers == 1:
        server = uvicorn.Server(config)
        with suppress(KeyboardInterrupt):
            server.run(list(listening))
        if not server.started:
            sys.exit(InfrastructureError.exit_code)
        return
    with tempfile.TemporaryDirectory(prefix="tillhouse-counts-") as counts:
        os.environ[SEVERAL] = counts  # the workers add up what they count in it
        Multiprocess(config, list(listening)).run()


def _no_address(host: str) -> InfrastructureError:
    return InfrastructureError(
        f"{host} is no address of this machine. Name one with --host: 127.0.0.1 for this machine alone, 0.0.0.0 for "
        "every network it is on."
    )
