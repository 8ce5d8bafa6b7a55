"""Whole served tables, streamed."""

import hashlib
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Receive, Scope, Send

from api.deps import Published
from api.formats import ARROW, CSV, choose
from api.listing import CUSTOMERS, described, is_known, place, validators
from api.selection import MOST_IDS, Day, Separated
from api.table_files import FILES, PARQUET
from contracts.errors import DatabaseUnavailable, Forbidden, UsageError
from serving.catalog import ServedColumn, ServedTable, served_table
from serving.filters import select
from serving.read import Reader, Snapshot

router = APIRouter(tags=["Export"])

BATCH = 5000
MOST_AT_ONCE = 3  # of a worker; each holds a connection for as long as its client takes
FORMATS = {"csv": CSV, "arrow": ARROW, "parquet": PARQUET}


class ExportQuery(BaseModel):
    """Which rows and columns, how written."""

    model_config = ConfigDict(extra="forbid")

    format: Literal["csv", "arrow", "parquet"] | None = Field(
        None, description="How it is written; by default what `Accept` asks for, else csv."
    )
    fields: Separated | None = Field(
        None,
        max_length=MOST_IDS,
        description="Columns to give, in this order; repeat it or separate them by commas. By default all.",
    )
    filter: list[str] | None = Field(
        None,
        max_length=MOST_IDS,
        description="column=value, or with !=, <, <=, > or >=; an empty value is null. Repeat it for several: all "
        "hold, and of one column with = any.",
        examples=[["is_current=true"]],
    )
    as_of: Day | None = Field(
        None, description="The rows as they were published then; by default those in force.", examples=["2024-02-07"]
    )


def _answers() -> dict[int | str, dict[str, Any]]:
    found = described()
    binary = {"schema": {"type": "string", "format": "binary"}}
    found[200] = {
        "description": "The rows, all of one release, in order of the table's key.",
        "content": {CSV: {"schema": {"type": "string"}}, ARROW: binary, PARQUET: binary},
        "headers": found[200]["headers"],
    }
    return found


@router.get("/v1/export/{table}", summary="A served table", response_class=Response, responses=_answers())
async def export(
    table: Annotated[str, Path(description="Name of the table.", examples=["dim_product"])],
    query: Annotated[ExportQuery, Query()],
    request: Request,
    published: Published,
) -> Response:
    """Every row of a served table, or those that filters choose, as a stream of CSV, Arrow or Parquet.

    Columns with personal data are left out unless the key has scope `customers`.
    """
    media = FORMATS[query.format] if query.format else choose(request.headers.get("accept"), (CSV, ARROW, PARQUET))
    return Export(table, query, media, request, published)


class Export(Response):
    """The answer: it holds its transaction for as long as it is being sent, and no longer."""

    def __init__(self, table: str, query: ExportQuery, media: str, request: Request, reader: Reader) -> None:
        super().__init__(media_type=media)
        self._table = table
        self._query = query
        self._media = media
        self._request = request
        self._reader = reader

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the rows batch by batch. Raises, before anything is sent, what a list raises."""
        running = scope["app"].state.exports
        if running.locked():
            raise DatabaseUnavailable(f"{MOST_AT_ONCE} exports are being sent already. Try again in a moment.")
        async with running, self._reader.snapshot() as in_force:
            snapshot = in_force if self._query.as_of is None else await in_force.as_of(self._query.as_of)
            table = await served_table(snapshot, self._table)
            columns = _columns(table, self._query.fields, scope["state"]["scopes"])
            headers = self._headers_of(snapshot, columns)
            if is_known(headers["ETag"], self._request.headers.get("if-none-match", "")):
                await Response(status_code=304, headers=headers)(scope, receive, send)
                return
            filterable = _columns(table, None, scope["state"]["scopes"])
            sql, values = select(table, columns, self._query.filter or [], filterable, snapshot)
            cursor = await snapshot.connection.cursor(sql, *values)
            batch = await cursor.fetch(BATCH)
            self.init_headers({**headers, "Content-Disposition": _named(table, self._media)})
            del self.headers["content-length"]
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            file = FILES[self._media][1](columns, snapshot.publication.timezone)
            while batch and not await self._request.is_disconnected():
                rows = [dict(row) for row in batch]
                place(rows, [column.name for column in columns if column.kind.startswith("timestamp")], snapshot)
                body = await run_in_threadpool(file.rows, rows)
                await send({"type": "http.response.body", "body": body, "more_body": True})
                batch = await cursor.fetch(BATCH)
            end = b"" if batch else file.end()
            await send({"type": "http.response.body", "body": end, "more_body": False})

    def _headers_of(self, snapshot: Snapshot, columns: list[ServedColumn]) -> dict[str, str]:
        asked = [self._table, self._query.model_dump(mode="json"), self._media, [column.name for column in columns]]
        digest = hashlib.blake2s(json.dumps(asked).encode(), digest_size=12).hexdigest()
        return validators(snapshot.publication, digest, is_private="key" in self._request.scope["state"])


def _columns(table: ServedTable, fields: list[str] | None, scopes: frozenset[str]) -> list[ServedColumn]:
    if fields is None:
        return [column for column in table.columns if CUSTOMERS in scopes or not column.is_personal]
    found = []
    for name in dict.fromkeys(fields):
        column = table.column(name)
        if column is None:
            there = ", ".join(each.name for each in table.columns)
            raise UsageError(f"{name[:100]!r} is no column of {table.name}. Choose from {there}.", "fields")
        found.append(column)
    if refused := [column.name for column in found if column.is_personal and CUSTOMERS not in scopes]:
        raise Forbidden(f"{', '.join(refused)} is personal data. Use a key with scope {CUSTOMERS}, or leave it out.")
    return found


def _named(table: ServedTable, media: str) -> str:
    return f'attachment; filename="{table.name}.{FILES[media][0]}"'
