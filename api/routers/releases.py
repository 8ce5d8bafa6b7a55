"""What has been published, and when."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from api.deps import Listing
from api.listing import described
from api.row_types import Page, Row
from api.selection import PagedQuery, Selection
from serving.read import Publication
from serving.statements import By

router = APIRouter(tags=["Releases"])


class Release(Row):
    """A release: one state of the shop, published at once everywhere."""

    release_id: int = Field(description="Number of the release, increasing.", examples=[7])
    run_id: str = Field(description="The run that made it.", examples=["20240208T023000-1f9c"])
    as_of: date = Field(description="The last landing date its figures know of.", examples=["2024-02-07"])
    created_at: datetime = Field(
        description="When it was published, in the business time zone.", examples=["2024-02-08T02:31:04.120000+00:00"]
    )


@router.get("/v1/releases", summary="Releases", response_model=Page[Release], responses=described())
async def releases(query: Annotated[PagedQuery, Query()], lists: Listing) -> Response:
    """Every release that is recorded, the newest first."""
    return await lists.answer(query, _selected)


def _selected(_: PagedQuery, __: Publication) -> Selection:
    return Selection("releases", Release, (By("release_id", descending=True),), of_release=False)
