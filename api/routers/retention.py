"""How customers stay, month by month."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from api.deps import Listing
from api.listing import described
from api.row_types import Money, Page, Row
from api.selection import RangeQuery, Selection, span
from serving.read import Publication
from serving.statements import By

router = APIRouter(tags=["Customers"])


class CohortMonth(Row):
    """The customers whose first order is of one month, in one month of their life."""

    cohort_month: date = Field(description="First day of the month of the first order.", examples=["2024-01-01"])
    months_since: int = Field(description="Months after it, from 0.", examples=[1])
    cohort_size: int = Field(description="Customers in the cohort.", examples=[162])
    active_customers: int = Field(description="Those of them with an order in that month.", examples=[71])
    retention_rate: float = Field(description="active_customers / cohort_size, 0 to 1.", examples=[0.4383])
    orders: int = Field(description="Their revenue-bearing orders in that month.", examples=[90])
    net_revenue: Money = Field(
        description="Net amounts of lines ordered in that month, less refunds dated in it.", examples=["9120.5000"]
    )
    cumulative_ltv: Money = Field(description="Net revenue so far per customer of the cohort.", examples=["216.8500"])


class RetentionQuery(RangeQuery):
    """Which cohorts: by default all."""


@router.get("/v1/retention", summary="Monthly cohort triangle", response_model=Page[CohortMonth], responses=described())
async def retention(query: Annotated[RetentionQuery, Query()], lists: Listing) -> Response:
    """Each monthly cohort in each month since, months without an order included, oldest cohort first.

    `start` and `end` choose cohorts by `cohort_month`.
    """
    return await lists.answer(query, _selected)


def _selected(query: RetentionQuery, published: Publication) -> Selection:
    values = span(query, published.as_of)
    return Selection("retention", CohortMonth, (By("cohort_month"), By("months_since")), values)
