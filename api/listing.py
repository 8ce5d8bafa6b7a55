"""How a list is answered: negotiated, pinned to a release, paged, with validators for caches."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date
from email.utils import format_datetime
from functools import cache
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from api.cursors import Cursor, decode
from api.formats import ARROW, CSV, WRITERS, Listed, choose
from api.problems import responses
from api.row_types import Row, columns, moments
from contracts.errors import PastRetention, UsageError
from serving.read import Publication, Reader, Snapshot

FORMAT = 1  # raise it when the bytes of an answer change for the same rows, so that no cache keeps the old ones
MOST_ROWS = 1000


def _iso_day(value: object) -> object:
    """Keeps out what else pydantic takes for a date: a timestamp, a number of seconds."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise ValueError("a date is written YYYY-MM-DD")
    return value


# A date as a parameter.
Day = Annotated[date, BeforeValidator(_iso_day)]


class ListQuery(BaseModel):
    """The parameters of every list; an unknown one is an error."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(MOST_ROWS, ge=1, le=MOST_ROWS, description="Rows of a page at most.")
    next: str | None = Field(
        None,
        max_length=4000,
        description="Cursor of the page to give, from `next` of the page before. It carries its query: "
        "no other parameter is needed with it, and none may differ.",
    )


@dataclass(frozen=True)
class Selection:
    """What a list shows: the rows of a query file, the key they are ordered by, the columns to give."""

    query: str
    row: type[Row]
    key: tuple[str, ...]
    values: Mapping[str, object]
    columns: tuple[str, ...] | None = None  # None: all


Q = TypeVar("Q", bound=ListQuery)


class Lists:
    """Answers one request for a list."""

    def __init__(self, request: Request, reader: Reader) -> None:
        self._request = request
        self._reader = reader
        self._operation = f"{request.scope['endpoint'].__name__} {sorted(request.path_params.items())}"

    async def answer(self, query: Q, select: Callable[[Q, date], Selection]) -> Response:
        """A page of what `select` makes of the query and the as-of date, in the media type the client likes.

        Raises NotAcceptable, PastRetention for a cursor of another release, UsageError for a cursor
        of another query, and what Reader.read raises.
        """
        media = choose(",".join(self._request.headers.getlist("accept")))
        return await self._reader.read(lambda snapshot: self._page(snapshot, media, query, select))

    async def _page(self, snapshot: Snapshot, media: str, query: Q, select: Callable[[Q, date], Selection]) -> Response:
        published = snapshot.publication
        cursor = None if query.next is None else decode(query.next)
        if cursor:
            query = self._resumed(cursor, query, published)
        selection = select(query, published.as_of)
        asked = query.model_dump(mode="json", exclude_defaults=True, exclude={"next"})
        headers = self._headers(published, media, asked, cursor)
        if self._is_known(headers["ETag"]):
            return Response(status_code=304, headers=headers)
        rows = await snapshot.rows(
            selection.query, **selection.values, **_after(selection, cursor), limit=query.limit + 1
        )
        following = None
        if len(rows) > query.limit:
            rows.pop()
            key = TypeAdapter(list[Any]).dump_python([rows[-1][name] for name in selection.key], mode="json")
            following = Cursor(published.release_id, self._operation, asked, key).encode()
            headers["Link"] = f'<?next={following}>; rel="next"'
        _place(rows, moments(selection.row), ZoneInfo(published.timezone))
        if selection.columns is not None:
            rows = [{name: row[name] for name in selection.columns} for row in rows]
        page = Listed(
            rows,
            selection.row,
            selection.columns or columns(selection.row),
            following,
            published.as_of,
            published.release_id,
            published.timezone,
        )
        return Response(WRITERS[media](page), headers=headers, media_type=media)

    def _resumed(self, cursor: Cursor, query: Q, published: Publication) -> Q:
        """The cursor's query, with the limit of this request where it gives one."""
        if cursor.operation != self._operation:
            raise UsageError("The cursor belongs to another list. Use it where it came from.", "next")
        if cursor.release_id != published.release_id:
            raise PastRetention(
                f"The cursor is of release {cursor.release_id}, and release {published.release_id} is in force "
                "by now. Start again without a cursor."
            )
        try:
            resumed = type(query).model_validate({**cursor.query, "next": query.next})
        except ValidationError:
            raise UsageError("The cursor's query is not valid. Start again without a cursor.", "next") from None
        for name in sorted(query.model_fields_set - {"next", "limit"}):
            if getattr(query, name) != getattr(resumed, name):
                raise UsageError(f"{name} differs from the cursor's query. Leave it out or start again.", name)
        return resumed.model_copy(update={"limit": query.limit} if "limit" in query.model_fields_set else {})

    def _headers(
        self, published: Publication, media: str, asked: Mapping[str, Any], cursor: Cursor | None
    ) -> dict[str, str]:
        moment = published.published_at.astimezone(UTC)
        identity = [FORMAT, moment.isoformat(), self._operation, media, asked, cursor.after if cursor else None]
        digest = hashlib.blake2s(json.dumps(identity, sort_keys=True).encode(), digest_size=12).hexdigest()
        return {
            "ETag": f'"{published.release_id}-{digest}"',
            "Last-Modified": format_datetime(moment, usegmt=True),
            "X-As-Of": published.as_of.isoformat(),
            "X-Release": str(published.release_id),
            "Cache-Control": "no-cache",
            "Vary": "Accept",
        }

    def _is_known(self, etag: str) -> bool:
        held = ",".join(self._request.headers.getlist("if-none-match"))
        return held.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in held.split(",")}


@cache
def _key_type(row: type[Row], column: str) -> TypeAdapter[Any]:
    annotation: Any = row.model_fields[column].annotation
    return TypeAdapter(annotation)


def _after(selection: Selection, cursor: Cursor | None) -> dict[str, object]:
    """The key after which the page begins, as the query file's `:after_<column>`; nulls on the first page."""
    last = cursor.after if cursor else [None] * len(selection.key)
    try:
        return {
            f"after_{name}": None if value is None else _key_type(selection.row, name).validate_python(value)
            for name, value in zip(selection.key, last, strict=True)
        }
    except ValueError:  # pydantic's ValidationError is one
        raise UsageError("The cursor holds no key of this list. Start again without a cursor.", "next") from None


def _place(rows: list[dict[str, Any]], names: tuple[str, ...], zone: ZoneInfo) -> None:
    """Gives times their offset in the business time zone, in place."""
    for name in names:
        for row in rows:
            value = row[name]
            if value is not None:
                row[name] = value.astimezone(zone) if value.tzinfo else value.replace(tzinfo=zone)


def described(*extra: int) -> dict[int | str, dict[str, Any]]:
    """The answers of a list as OpenAPI shows them, beside the statuses given."""
    text = {"schema": {"type": "string"}}
    headers = {
        "ETag": "Stands for the release and the query; send it back as If-None-Match.",
        "Last-Modified": "When the release was published.",
        "X-As-Of": "The last landing date the figures know of.",
        "X-Release": "The release the rows are of.",
        "Link": 'The next page, rel="next"; absent on the last one.',
    }
    return {
        200: {
            "description": "A page of rows, all of one release.",
            "content": {CSV: text, ARROW: {"schema": {"type": "string", "format": "binary"}}},
            "headers": {name: {"description": said, "schema": {"type": "string"}} for name, said in headers.items()},
        },
        304: {"description": "What If-None-Match names is still the answer."},
        **responses(406, 410, 422, 503, *extra),
    }
