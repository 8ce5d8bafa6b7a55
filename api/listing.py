"""How a list is answered: negotiated, pinned to a release, paged, with validators for caches."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import Response
from pydantic import TypeAdapter, ValidationError

from api.cursors import Cursor, decode
from api.encoding import encode, negotiated
from api.formats import ARROW, CSV, WRITERS, Listed, choose
from api.problems import responses
from api.row_types import columns, moments, personal
from api.selection import ListQuery, PagedQuery, Selection
from contracts.errors import Forbidden, NotFound, UsageError
from serving.read import Publication, Reader, Row, Snapshot

FORMAT = 2  # raise it when the bytes of an answer change for the same rows, so that no cache keeps the old ones
CUSTOMERS = "customers"  # the scope that shows personal data
Q = TypeVar("Q", bound=PagedQuery)


class Lists:
    """Answers one request for a list."""

    def __init__(self, request: Request, reader: Reader) -> None:
        self._request = request
        self._reader = reader
        self._operation = f"{request.scope['endpoint'].__name__} {sorted(request.path_params.items())}"

    async def answer(self, query: Q, select: Callable[[Q, Publication], Selection]) -> Response:
        """A page of what `select` makes of the query and the release, in the media type the client likes.

        Raises NotAcceptable, NotFound for an id that is not there, PastRetention for a release that is
        no longer kept, UsageError for a wrong parameter or a cursor of another query, Forbidden for
        personal data without its scope, and what Reader.read raises.
        """
        media = choose(",".join(self._request.headers.getlist("accept")))
        return await self._reader.read(lambda snapshot: self._page(snapshot, media, query, select))

    async def _page(
        self, snapshot: Snapshot, media: str, query: Q, select: Callable[[Q, Publication], Selection]
    ) -> Response:
        in_force = snapshot.in_force
        cursor = None if query.next is None else decode(query.next)
        if cursor:
            query = self._resumed(cursor, query)
            snapshot = await snapshot.of_release(cursor.release_id)
        elif isinstance(query, ListQuery) and query.as_of is not None:
            snapshot = await snapshot.as_of(query.as_of)
        published = snapshot.publication
        selection = select(query, published)
        shown = self._columns(selection, query.fields)
        asked = query.model_dump(mode="json", exclude_defaults=True, exclude={"next"})
        coding = negotiated(self._request.headers.get("accept-encoding"))
        headers = self._headers(published, media, coding, [asked, shown, cursor.after if cursor else None])
        if selection.of_release and self._is_known(headers["ETag"]):
            return Response(status_code=304, headers=headers)
        rows, following = await self._rows(snapshot, selection, query.limit, cursor, shown)
        link = None
        if following is not None:
            link = Cursor(published.release_id, self._operation, asked, following).encode()
            headers["Link"] = f'<?next={link}>; rel="next"'
        page = Listed(rows, selection.row, shown, link, published.as_of, published.release_id, published.timezone)
        body = WRITERS[media](page)
        if selection.of_release:
            self._request.scope["state"]["answer_of"] = in_force  # which lets it be given again
        else:  # these change without a release
            digest = hashlib.blake2s(body + headers["ETag"].encode(), digest_size=12).hexdigest()
            headers["ETag"] = f'"{published.release_id}-{digest}"'
            if self._is_known(headers["ETag"]):
                return Response(status_code=304, headers=headers)
        body, coding = encode(body, coding)
        if coding:
            headers["Content-Encoding"] = coding
        return Response(body, headers=headers, media_type=media)

    def _resumed(self, cursor: Cursor, query: Q) -> Q:
        """The cursor's query, with the limit of this request where it gives one."""
        if cursor.operation != self._operation:
            raise UsageError("The cursor belongs to another list. Use it where it came from.", "next")
        try:
            resumed = type(query).model_validate({**cursor.query, "next": query.next})
        except ValidationError:
            raise UsageError("The cursor's query is not valid. Start again without a cursor.", "next") from None
        for name in sorted(query.model_fields_set - {"next", "limit"}):
            if getattr(query, name) != getattr(resumed, name):
                raise UsageError(f"{name} differs from the cursor's query. Leave it out or start again.", name)
        return resumed.model_copy(update={"limit": query.limit} if "limit" in query.model_fields_set else {})

    def _columns(self, selection: Selection, fields: Sequence[str] | None) -> tuple[str, ...]:
        """The columns to give: what is asked for, or all that this caller may see."""
        there = selection.columns or columns(selection.row)
        hidden = personal(selection.row) if CUSTOMERS not in self._request.scope["state"]["scopes"] else frozenset()
        if fields is None:
            return tuple(name for name in there if name not in hidden)
        unknown = [name for name in fields if name not in there]
        if unknown:
            raise UsageError(
                f"{', '.join(map(repr, unknown))[:200]} is no column here. Choose from {', '.join(there)}.", "fields"
            )
        if refused := [name for name in fields if name in hidden]:
            raise Forbidden(
                f"{', '.join(refused)} is personal data. Use a key with scope {CUSTOMERS}, or leave it out of fields."
            )
        return tuple(dict.fromkeys(fields))

    async def _rows(
        self, snapshot: Snapshot, selection: Selection, limit: int, cursor: Cursor | None, shown: tuple[str, ...]
    ) -> tuple[list[Row], list[Any] | None]:
        """The rows of the page, and the key of the last one where there are more."""
        if selection.ids is not None:
            await _check_known(snapshot, selection)
        query = selection.query if isinstance(selection.query, str) else await selection.query(snapshot)
        rows = await snapshot.rows(
            query,
            order=selection.order,
            after=_after(selection, cursor) if cursor else None,
            chosen=selection.chosen,
            **selection.values,
            limit=limit + 1,
        )
        following = None
        if len(rows) > limit:
            rows.pop()
            key = [rows[-1][by.column] for by in selection.order]
            following = TypeAdapter(list[Any]).dump_python(key, mode="json")
        place(rows, moments(selection.row), snapshot)
        for part in selection.parts:
            if part.name in shown:
                inner = await snapshot.rows(part.query, ids=[row[part.on] for row in rows])
                place(inner, moments(part.row), snapshot)
                of: dict[Any, list[Row]] = {row[part.on]: [] for row in rows}
                for row in inner:
                    of[row[part.on]].append({name: row[name] for name in columns(part.row)})
                for row in rows:
                    row[part.name] = of[row[part.on]]
        return [{name: row[name] for name in shown} for row in rows], following

    def _headers(self, published: Publication, media: str, coding: str | None, identity: list[Any]) -> dict[str, str]:
        moment = published.published_at.astimezone(UTC)
        whole = [FORMAT, moment.isoformat(), self._operation, media, coding, *identity]
        digest = hashlib.blake2s(json.dumps(whole, sort_keys=True).encode(), digest_size=12).hexdigest()
        return validators(published, digest, is_private="key" in self._request.scope["state"])

    def _is_known(self, etag: str) -> bool:
        return is_known(etag, ",".join(self._request.headers.getlist("if-none-match")))


def validators(published: Publication, digest: str, *, is_private: bool) -> dict[str, str]:
    """The headers that tell of which release an answer is, and let a cache ask whether it still is."""
    return {
        "ETag": f'"{published.release_id}-{digest}"',
        "Last-Modified": format_datetime(published.published_at.astimezone(UTC), usegmt=True),
        "X-As-Of": published.as_of.isoformat(),
        "X-Release": str(published.release_id),
        "Cache-Control": "private, no-cache" if is_private else "no-cache",
        "Vary": "Accept, Accept-Encoding, Authorization, X-API-Key",
    }


def is_known(etag: str, held: str) -> bool:
    """Does the client hold the answer of the tag, by its If-None-Match?"""
    return held.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in held.split(",")}


@cache
def _key_type(row: type[Any], column: str) -> TypeAdapter[Any]:
    annotation: Any = row.model_fields[column].annotation
    return TypeAdapter(annotation)


def _after(selection: Selection, cursor: Cursor) -> list[object]:
    """The values of the row that the page goes on after."""
    try:
        values = [
            None if value is None else _key_type(selection.row, by.column).validate_python(value)
            for by, value in zip(selection.order, cursor.after, strict=True)
        ]
    except ValueError:  # pydantic's ValidationError is one
        raise UsageError("The cursor holds no key of this list. Start again without a cursor.", "next") from None
    if any(value is None and not by.nullable for by, value in zip(selection.order, values, strict=True)):
        raise UsageError("The cursor holds no key of this list. Start again without a cursor.", "next")
    return values


async def _check_known(snapshot: Snapshot, selection: Selection) -> None:
    ids = selection.ids
    if ids is None:
        return
    there = {row["id"] for row in await snapshot.rows(ids.known, ids=list(ids.values))}
    missing = [value for value in ids.values if value not in there]
    if missing:
        raise NotFound(f"There is no {ids.parameter} {', '.join(map(repr, missing[:5]))[:600]}.")


def place(rows: list[Row], names: Sequence[str], snapshot: Snapshot) -> None:
    """Gives times their offset in the business time zone, in whole minutes, in place."""
    zone = ZoneInfo(snapshot.publication.timezone)
    for name in names:
        for row in rows:
            value: datetime | None = row[name]
            if value is not None:
                placed = value.astimezone(zone) if value.tzinfo else value.replace(tzinfo=zone)
                offset = placed.utcoffset() or timedelta()
                if offset.seconds % 60:  # local time before there were time zones
                    placed = placed.replace(tzinfo=timezone(timedelta(minutes=offset // timedelta(minutes=1))))
                row[name] = placed


def described(*extra: int) -> dict[int | str, dict[str, Any]]:
    """The answers of a list as OpenAPI shows them, beside the statuses given."""
    text = {"schema": {"type": "string"}}
    headers: Mapping[str, str] = {
        "ETag": "Stands for the release and the query; send it back as If-None-Match.",
        "Last-Modified": "When the release was published.",
        "X-As-Of": "The last landing date the figures know of.",
        "X-Release": "The release the rows are of.",
        "X-Request-ID": "Names this answer in the log of the server.",
        "Link": 'The next page, rel="next"; absent on the last one.',
    }
    return {
        200: {
            "description": "A page of rows, all of one release.",
            "content": {CSV: text, ARROW: {"schema": {"type": "string", "format": "binary"}}},
            "headers": {name: {"description": said, "schema": {"type": "string"}} for name, said in headers.items()},
        },
        304: {"description": "What If-None-Match names is still the answer."},
        **responses(401, 403, 404, 406, 410, 414, 422, 429, 503, *extra),
    }
