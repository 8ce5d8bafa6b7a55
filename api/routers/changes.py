"""What a release changed, so that a copy elsewhere can follow without being made anew."""

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from api.deps import Listing
from api.listing import described
from api.row_types import JsonObject, Page, Row
from api.selection import PagedQuery, Selection, Words
from contracts.errors import UsageError
from serving.catalog import served_tables
from serving.changes import changed_keys
from serving.read import Publication, Snapshot
from serving.statements import By, Text

router = APIRouter(tags=["Releases"])


class Change(Row):
    """A key of a served table whose row is another than it was."""

    table_name: str = Field(description="The table, as /v1/export gives it.", examples=["fct_orders"])
    key: JsonObject = Field(description="The key's columns and values.", examples=[{"order_id": "O0000123"}])
    change: Literal["added", "changed", "removed"] = Field(
        description="What became of the row since.", examples=["changed"]
    )


class ChangeQuery(PagedQuery):
    """Since when, and of which tables."""

    since_release: int = Field(ge=0, le=2**62, description="The release you have; 0 gives every key.", examples=[1])
    table_name: Words | None = Field(
        None, description="Tables; repeat it for several, by default all.", examples=[["fct_orders"]]
    )


@router.get("/v1/changes", summary="What changed since a release", response_model=Page[Change], responses=described())
async def changes(query: Annotated[ChangeQuery, Query()], lists: Listing) -> Response:
    """The keys whose rows differ between a release you have and the one in force, table by table.

    A release past retention is 410: take the whole table from `/v1/export` then.
    """
    return await lists.answer(query, _selected)


def _selected(query: ChangeQuery, published: Publication) -> Selection:
    if query.since_release > published.release_id:
        raise UsageError(f"since_release: release {query.since_release} is not published yet.", "since_release")
    values = {"since_release": query.since_release}
    return Selection(partial(_changed, query), Change, (By("table_name"), By("key")), values)


async def _changed(query: ChangeQuery, snapshot: Snapshot) -> Text:
    there = await served_tables(snapshot)
    wanted = query.table_name or list(there)
    unknown = [name for name in wanted if name not in there]
    if unknown:
        raise UsageError(
            f"{', '.join(map(repr, unknown))[:200]} is no table. The tables are {', '.join(there)}.", "table_name"
        )
    if query.since_release:
        await snapshot.of_release(query.since_release)
    return changed_keys(there[name] for name in wanted)
