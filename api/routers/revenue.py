"""Why booked and recognised revenue differ, and why published figures moved."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from api.deps import Listing
from api.listing import described
from api.row_types import Difference, Money, Page, Row
from api.selection import RangeQuery, Selection, Words, span
from serving.read import Publication
from serving.statements import By

router = APIRouter(tags=["Revenue"])


class BridgeDay(Row):
    """From what was booked to what was recognised on one date."""

    date: dt.date = Field(description="The day.", examples=["2024-01-31"])
    booked_net: Money = Field(description="Net revenue by order date.", examples=["1866.5000"])
    recognized_net: Money = Field(description="Net revenue by delivery date.", examples=["1532.7500"])
    booked_not_delivered: Money = Field(
        description="Net amounts ordered that day and not delivered that day.", examples=["1720.0000"]
    )
    delivered_from_before: Money = Field(
        description="Net amounts delivered that day and ordered earlier.", examples=["1386.2500"]
    )
    deferred: Money = Field(
        description="Net amounts booked and not yet delivered at the end of the day.", examples=["4010.5000"]
    )
    residual: Money = Field(
        description="booked_net - recognized_net - booked_not_delivered + delivered_from_before: always 0.",
        examples=["0.0000"],
    )


class Restatement(Row):
    """A figure of a published date that a release changed."""

    release_id: int = Field(description="The release that changed it.", examples=[7])
    date: dt.date = Field(description="The date whose figure changed.", examples=["2024-01-31"])
    measure: str = Field(description="The column of /v1/metrics/daily.", examples=["net_revenue"])
    old_value: str | None = Field(description="What was published before.", examples=["1866.5000"])
    new_value: str | None = Field(description="What is published since.", examples=["1854.1600"])
    difference: Difference | None = Field(
        description="new_value - old_value, to 10 places; null where either is.", examples=["-12.3400000000"]
    )
    causes: list[str] = Field(
        description="What became of the orders ordered, delivered or returned that day.", examples=[["return"]]
    )


class RestatementQuery(RangeQuery):
    """Which dates and figures: by default all."""

    measure: Words | None = Field(
        None, description="Columns of /v1/metrics/daily; repeat it for several.", examples=[["net_revenue"]]
    )


@router.get("/v1/revenue/bridge", summary="Booked to recognised", response_model=Page[BridgeDay], responses=described())
async def revenue_bridge(query: Annotated[RangeQuery, Query()], lists: Listing) -> Response:
    """From booked to recognised net revenue, date by date; the residual is exactly 0."""
    return await lists.answer(query, _bridge)


@router.get(
    "/v1/revenue/restatements",
    summary="Published figures that changed",
    response_model=Page[Restatement],
    responses=described(),
)
async def restatements(query: Annotated[RestatementQuery, Query()], lists: Listing) -> Response:
    """Each figure of a published date that a later release changed, and why, the newest release first."""
    return await lists.answer(query, _restatements)


def _bridge(query: RangeQuery, published: Publication) -> Selection:
    return Selection("revenue_bridge", BridgeDay, (By("date"),), query.dates(published.as_of))


def _restatements(query: RestatementQuery, published: Publication) -> Selection:
    values = {**span(query, published.as_of), "measure": query.measure}
    order = (By("release_id", descending=True), By("date"), By("measure"))
    return Selection("restatements", Restatement, order, values)
