"""Answers of the release in force, kept and given again without a look at the database or the query."""

from collections import OrderedDict
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.listing import CUSTOMERS, is_known
from contracts.errors import InfrastructureError
from serving.read import Publication, Reader

MOST_BYTES = 64 * 1024 * 1024
MOST_ANSWER_BYTES = 1024 * 1024
OVERHEAD_BYTES = 2000  # of an answer's headers and places
_NOT_OF_304 = {b"content-type", b"content-length", b"content-encoding"}


@dataclass(frozen=True)
class Answer:
    """A whole answer, as it goes to the client."""

    headers: list[tuple[bytes, bytes]]
    body: bytes
    etag: str
    route: str
    size: int  # bytes it takes here, about


class Kept:
    """ASGI middleware; needs `app.state.reader`. Forgets everything when another release is in force."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._answers: OrderedDict[tuple[object, ...], Answer] = OrderedDict()
        self._bytes = 0
        self._of: Publication | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers from what is kept, else keeps the answer where it is of the release in force."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._pass(scope, receive, send)
            return
        asked, held = _asked(scope)
        if asked in self._answers and await self._is_current(scope["app"].state.reader):
            answer = self._answers.get(asked)
            if answer is not None:
                self._answers.move_to_end(asked)
                scope["state"]["route"] = answer.route
                scope["state"]["kept"] = True
                await _give(answer, held, send)
                return
        await self._pass(scope, receive, self._keeping(scope, asked, send))

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            scope["state"]["route"] = getattr(scope.get("route"), "path", None)

    async def _is_current(self, reader: Reader) -> bool:
        try:
            in_force = await reader.in_force()
        except InfrastructureError:
            return False  # the route says so, in its own words
        if in_force != self._of:
            self._answers.clear()
            self._bytes = 0
            self._of = in_force
        return True

    def _keeping(self, scope: Scope, asked: tuple[object, ...], send: Send) -> Send:
        started: Message = {}

        async def keeping(message: Message) -> None:
            nonlocal started
            await send(message)
            if message["type"] == "http.response.start":
                started = message
            elif started.get("status") == 200 and not message.get("more_body"):
                of = scope["state"].get("answer_of")
                if of is not None:
                    self._keep(of, asked, started, message.get("body", b""), scope)

        return keeping

    def _keep(self, of: Publication, asked: tuple[object, ...], started: Message, body: bytes, scope: Scope) -> None:
        if len(body) > MOST_ANSWER_BYTES:
            return
        if of != self._of:
            if self._of is not None and of.release_id < self._of.release_id:
                return  # it took longer than its release was in force
            self._answers.clear()
            self._bytes, self._of = 0, of
        headers = list(started["headers"])
        etag = dict(headers).get(b"etag", b"").decode("latin-1")
        if asked in self._answers:
            self._bytes -= self._answers.pop(asked).size
        # What it is asked by counts too: short answers to long queries must not fill the memory.
        size = len(body) + sum(len(part) for part in asked[:-1] if isinstance(part, str | bytes)) + OVERHEAD_BYTES
        self._answers[asked] = Answer(headers, body, etag, getattr(scope.get("route"), "path", ""), size)
        self._bytes += size
        while self._bytes > MOST_BYTES:
            self._bytes -= self._answers.popitem(last=False)[1].size


def _asked(scope: Scope) -> tuple[tuple[object, ...], str]:
    """What tells answers apart, and the tags of those the client holds."""
    accept = coding = held = b""
    for name, value in scope["headers"]:
        if name == b"accept":
            accept = accept + b"," + value if accept else value
        elif name == b"accept-encoding":
            coding = coding + b"," + value if coding else value
        elif name == b"if-none-match":
            held = held + b"," + value if held else value
    state = scope["state"]
    who = ("key" in state, CUSTOMERS in state["scopes"])
    return (scope["path"], scope["query_string"], accept, coding, who), held.decode("latin-1")


async def _give(answer: Answer, held: str, send: Send) -> None:
    if held and is_known(answer.etag, held):
        headers = [header for header in answer.headers if header[0] not in _NOT_OF_304]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": list(answer.headers)})
    await send({"type": "http.response.body", "body": answer.body})
