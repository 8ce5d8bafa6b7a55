"""A TCP proxy in front of Postgres that loses a connection at a chosen moment.

It understands just enough of the protocol to know each COMMIT and COPY by the name `points` gives it.
"""

import itertools
import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

from sqlalchemy.engine import make_url

from tests.faults.points import copied_table, transaction_name

BEFORE, DURING, AFTER = "before", "during", "after"
_STARTUP_REQUESTS = (80877103, 80877104)  # for TLS, for GSS encryption


@dataclass
class Proxy:
    """Use as a context; `url` is what a command is given.

    `loses` is the name of what it loses the connection at, such as `commit:publish`, and `when`: before it is
    handed on; during it, when it was done but its answer not; after its answer.
    """

    behind: str
    loses: str = ""
    when: str = DURING
    struck: bool = False
    _counts: dict[str, Iterator[int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _open: list[socket.socket] = field(default_factory=list)

    def __enter__(self) -> "Proxy":
        self._listener = socket.create_server(("127.0.0.1", 0))
        url = make_url(self.behind)
        query = {name: value for name, value in url.query.items() if name not in {"host", "port"}}
        self.url = url.set(
            host="127.0.0.1", port=self._listener.getsockname()[1],
            query={**query, "sslmode": "disable", "gssencmode": "disable"},
        ).render_as_string(hide_password=False)  # fmt: skip
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in (self._listener, *self._open):
            _close(each)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = self._connect()
                self._open += [client, server]
                threading.Thread(target=_Session(self, client, server).run, daemon=True).start()

    def _connect(self) -> socket.socket:
        url = make_url(self.behind)
        folder, port = str(url.query.get("host", "")), int(str(url.query.get("port", url.port or 5432)))
        if not folder.startswith("/"):
            return socket.create_connection((url.host or folder, port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{folder}/.s.PGSQL.{port}")
        return server

    def is_wanted(self, name: str) -> bool:
        """Is this pass of `name` the one at which to lose the connection?"""
        with self._lock:
            n = next(self._counts.setdefault(name, itertools.count(1)))
            wanted = (name if n == 1 else f"{name}#{n}") == self.loses and not self.struck
            self.struck = self.struck or wanted
        return wanted


class _Session:
    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._said: list[str] = []
        self._lose_answer = self._lose_after = self._copying = False

    def run(self) -> None:
        """Relay until either side ends."""
        answers = threading.Thread(target=self._relay_answers, daemon=True)
        with suppress(OSError, EOFError):
            self._start()
            answers.start()
            while True:
                kind, body = self._message()
                if not self._hand_on(kind, body):
                    break
        if self._lose_answer:
            answers.join(30)
        self._end()

    def _start(self) -> None:
        while True:
            length = self._read(4)
            rest = self._read(struct.unpack("!I", length)[0] - 4)
            if struct.unpack("!I", rest[:4])[0] not in _STARTUP_REQUESTS:
                self._server.sendall(length + rest)
                return
            self._client.sendall(b"N")

    def _message(self) -> tuple[bytes, bytes]:
        kind = self._read(1)
        length = self._read(4)
        return kind, length + self._read(struct.unpack("!I", length)[0] - 4)

    def _read(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            piece = self._client.recv(size - len(found))
            if not piece:
                raise EOFError
            found += piece
        return found

    def _hand_on(self, kind: bytes, body: bytes) -> bool:
        """Hand a message on; False where the connection is to be lost now."""
        if kind == b"d" and self._copying:
            self._server.sendall((kind + body)[: len(body) // 2])
            return False
        wanted = kind == b"Q" and self._is_wanted(body[4:-1].decode())
        when = self._proxy.when
        if wanted and when == BEFORE:
            return False
        self._lose_answer, self._lose_after = wanted and when == DURING, wanted and when == AFTER
        self._server.sendall(kind + body)
        return not self._lose_answer

    def _is_wanted(self, said: str) -> bool:
        if re.match(r"\s*commit\b", said, re.IGNORECASE):
            name = transaction_name(self._said)
            self._said.clear()
            return name is not None and self._proxy.is_wanted(f"commit:{name}")
        if re.match(r"\s*rollback\b", said, re.IGNORECASE):
            self._said.clear()
        elif re.match(r"\s*copy\b", said, re.IGNORECASE):
            self._said.append(said)
            self._copying = self._proxy.is_wanted(f"copy:{copied_table(self._said)}")
        else:
            self._said.append(said)
        return False

    def _relay_answers(self) -> None:
        with suppress(OSError):
            while piece := self._server.recv(65536):
                if self._lose_answer:
                    break
                self._client.sendall(piece)
                if self._lose_after:
                    break
        self._end()

    def _end(self) -> None:
        _close(self._client)
        _close(self._server)


def _close(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
