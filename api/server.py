"""The server around the application: how long it waits for a slow client, and how it ends."""

import asyncio
import os
import tempfile
from functools import partial
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.measures import SEVERAL

REQUEST_SECONDS = 15.0  # for a request to have come whole, its first byte included
STALLED_SECONDS = 30.0  # for a client to take some of an answer
MOST_HEADER_BYTES = 64 * 1024
KEEP_ALIVE_SECONDS = 20
GRACE_SECONDS = 15  # for what is being answered when the service is told to end


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
}


def serve(host: str, port: int, workers: int) -> None:
    """Serve until told to end; what is being answered then is answered, for GRACE_SECONDS at most."""
    run = partial(uvicorn.run, "api.app:create_app", factory=True, host=host, port=port, workers=workers, **OPTIONS)
    if workers == 1:
        run()
        return
    with tempfile.TemporaryDirectory(prefix="tillhouse-counts-") as counts:
        os.environ[SEVERAL] = counts  # the workers add up what they count in it
        run()
