"""What customers are worth: lifetime value of cohorts."""

from datetime import date
from enum import IntEnum
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import Field

from api.deps import Listing
from api.listing import described
from api.row_types import Money, Page, Row
from api.selection import ListQuery, Selection
from serving.read import Publication
from serving.statements import By

router = APIRouter(tags=["Customers"])


class Window(IntEnum):
    """Days of a customer's life that count, from the first order on."""

    WEEK = 7
    MONTH = 30
    QUARTER = 90


class DailyCohort(Row):
    """The customers whose first revenue-bearing order is of one date, inside their window."""

    cohort_date: date = Field(description="Date of the customers' first order.", examples=["2024-01-01"])
    window_days: int = Field(description="Length of the window from the first order on, in days.", examples=[30])
    cohort_size: int = Field(description="Customers in the cohort.", examples=[9])
    is_mature: bool = Field(description="Is the window over?", examples=[True])
    retained_customers: int = Field(
        description="Customers with another order on a later date inside the window.", examples=[7]
    )
    retention_rate: float = Field(description="retained_customers / cohort_size, 0 to 1.", examples=[0.7778])
    orders: int = Field(description="Revenue-bearing orders inside the window.", examples=[30])
    net_revenue: Money = Field(
        description="Net amounts of lines ordered, less refunds of returns, inside the window.", examples=["2462.5100"]
    )
    ltv: Money = Field(description="net_revenue / cohort_size.", examples=["273.6122"])


class MonthlyCohort(Row):
    """The customers whose first revenue-bearing order is of one month; figures from the sums of its dates."""

    cohort_month: date = Field(description="First day of the month of the first order.", examples=["2024-01-01"])
    window_days: int = Field(description="Length of each customer's window, in days.", examples=[30])
    cohort_size: int = Field(description="Customers in the month's cohorts.", examples=[162])
    is_mature: bool = Field(description="Is the window over for every cohort of the month?", examples=[True])
    retained_customers: int = Field(
        description="Customers with another order on a later date inside their window.", examples=[71]
    )
    retention_rate: float = Field(description="retained_customers / cohort_size, 0 to 1.", examples=[0.4383])
    orders: int = Field(description="Revenue-bearing orders inside the windows.", examples=[252])
    net_revenue: Money = Field(
        description="Net amounts of lines ordered, less refunds of returns, inside the windows.",
        examples=["26009.1100"],
    )
    ltv: Money = Field(description="net_revenue / cohort_size, rounded half away from zero.", examples=["160.5501"])


class LtvQuery(ListQuery):
    """Which cohorts."""

    grain: Literal["day", "month"] = Field("day", description="One row per date or per month of the first order.")
    only_mature: bool = Field(False, description="Leave out cohorts whose window is not over yet.")


@router.get(
    "/v1/ltv/{days}",
    summary="Lifetime value of cohorts",
    response_model=Page[DailyCohort] | Page[MonthlyCohort],
    responses=described(),
)
@router.get("/ltv/{days}", include_in_schema=False)
async def lifetime_value(
    days: Annotated[Window, Path(description="Length of the window in days.", examples=[30])],
    query: Annotated[LtvQuery, Query()],
    lists: Listing,
) -> Response:
    """What each cohort of customers bought and came back for in its first days, oldest cohort first.

    An event counts when it is less than `days` days after the customer's first order. Guests are in no cohort.
    """
    return await lists.answer(query, partial(_selected, days))


def _selected(days: Window, query: LtvQuery, _: Publication) -> Selection:
    values = {"days": int(days), "only_mature": query.only_mature}
    if query.grain == "month":
        return Selection("ltv_monthly", MonthlyCohort, (By("cohort_month"),), values)
    return Selection("ltv_daily", DailyCohort, (By("cohort_date"),), values)
