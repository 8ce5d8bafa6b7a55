"""Figures of the shop by date."""

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from api.deps import Listing
from api.listing import described
from api.row_types import Money, Page, Row
from api.selection import RangeQuery, Selection
from serving.read import Publication
from serving.statements import By

router = APIRouter(tags=["Metrics"])


class DailyMetrics(Row):
    """One date: booked figures by order date, recognised ones by delivery date."""

    date: dt.date = Field(description="The day.", examples=["2024-01-31"])
    orders: int = Field(description="Revenue-bearing orders.", examples=[18])
    units: int = Field(description="Units ordered.", examples=[61])
    customers: int = Field(description="Distinct customers with an order, without guests.", examples=[15])
    new_customers: int = Field(description="Customers whose first order is of that day.", examples=[5])
    repeat_customers: int = Field(description="customers - new_customers.", examples=[10])
    guest_orders: int = Field(description="Orders without a customer.", examples=[2])
    gross_revenue: Money = Field(description="Quantity times shelf price, tax included.", examples=["2410.5000"])
    discounts: Money = Field(description="Discounts on what was ordered.", examples=["120.0000"])
    taxes: Money = Field(description="Tax held in what was ordered.", examples=["381.7500"])
    refunds: Money = Field(description="Refunds of returns dated that day, without tax.", examples=["42.2500"])
    net_revenue: Money = Field(description="gross_revenue - discounts - refunds - taxes.", examples=["1866.5000"])
    aov: Money | None = Field(
        description="Average order value: (gross_revenue - discounts - taxes) / orders; null without an order.",
        examples=["106.0417"],
    )
    orders_returned: int = Field(description="Orders of that day of which anything came back so far.", examples=[1])
    return_rate: float | None = Field(
        description="orders_returned / orders, 0 to 1; null without an order.", examples=[0.0556]
    )
    returns_received: int = Field(description="Orders with a return dated that day.", examples=[2])
    recognized_gross: Money = Field(description="Gross amounts delivered that day.", examples=["1980.0000"])
    recognized_discounts: Money = Field(description="Discounts of what was delivered.", examples=["90.0000"])
    recognized_taxes: Money = Field(description="Taxes of what was delivered.", examples=["315.0000"])
    recognized_refunds: Money = Field(description="Refunds of returns dated that day.", examples=["42.2500"])
    recognized_net: Money = Field(
        description="recognized_gross less its discounts, refunds and taxes.", examples=["1532.7500"]
    )


class RecognizedMetrics(Row):
    """One date on the accrual basis: sales on the delivery date, refunds on the return date."""

    date: dt.date = Field(description="The day.", examples=["2024-01-31"])
    recognized_gross: Money = Field(description="Gross amounts delivered that day.", examples=["1980.0000"])
    recognized_discounts: Money = Field(description="Discounts of what was delivered.", examples=["90.0000"])
    recognized_taxes: Money = Field(description="Taxes of what was delivered.", examples=["315.0000"])
    recognized_refunds: Money = Field(description="Refunds of returns dated that day.", examples=["42.2500"])
    recognized_net: Money = Field(
        description="recognized_gross less its discounts, refunds and taxes.", examples=["1532.7500"]
    )


# basis: query file, row
BASES: dict[str, tuple[str, type[Row]]] = {
    "booked": ("metrics_daily", DailyMetrics),
    "recognized": ("metrics_daily_recognized", RecognizedMetrics),
}


class DailyQuery(RangeQuery):
    """Which dates and which figures."""

    basis: Literal["booked", "recognized"] = Field(
        "booked",
        description="booked: every column; recognized: the date and the columns of the accrual basis.",
    )


@router.get(
    "/v1/metrics/daily",
    summary="Figures by date",
    response_model=Page[DailyMetrics] | Page[RecognizedMetrics],
    responses=described(),
)
@router.get("/metrics/daily", include_in_schema=False)
async def daily_metrics(query: Annotated[DailyQuery, Query()], lists: Listing) -> Response:
    """Orders, customers, revenue, refunds and returns of each date, in order of date.

    `net_revenue = gross_revenue - discounts - refunds - taxes` holds on every row.
    """
    return await lists.answer(query, _selected)


def _selected(query: DailyQuery, published: Publication) -> Selection:
    file, row = BASES[query.basis]
    return Selection(file, row, (By("date"),), query.dates(published.as_of))
