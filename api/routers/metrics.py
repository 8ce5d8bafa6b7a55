"""Figures of the shop by date."""

import datetime as dt
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field, field_validator

from api.deps import Listing
from api.listing import Day, ListQuery, Selection, described
from api.row_types import Money, Page, Row, SelectableRow, columns
from contracts.errors import UsageError

DEFAULT_DAYS = 30

router = APIRouter(tags=["Metrics"])


class DailyMetrics(SelectableRow):
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


class RecognizedMetrics(SelectableRow):
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


class DailyQuery(ListQuery):
    """Which dates and which figures."""

    start: Day | None = Field(
        None, description="First date, inclusive; by default 30 days to `end`.", examples=["2024-01-01"]
    )
    end: Day | None = Field(
        None, description="Last date, inclusive; by default the as-of date.", examples=["2024-01-31"]
    )
    fields: list[str] | None = Field(
        None,
        description="Columns to give, in this order; repeat it or separate them by commas. By default all.",
        examples=[["date", "net_revenue"]],
    )
    basis: Literal["booked", "recognized"] = Field(
        "booked",
        description="booked: every column; recognized: the date and the columns of the accrual basis.",
    )

    @field_validator("fields", mode="before")
    @classmethod
    def _separated(cls, value: Any) -> Any:
        """`["date,orders"]` as `["date", "orders"]`, each once."""
        if not isinstance(value, list):
            return value
        return list(dict.fromkeys(name.strip() for text in value for name in str(text).split(",")))


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


def _selected(query: DailyQuery, as_of: dt.date) -> Selection:
    end = query.end or as_of
    start = query.start or dt.date.fromordinal(max(1, end.toordinal() - DEFAULT_DAYS + 1))
    if query.start and query.end and query.start > query.end:
        raise UsageError(f"start {query.start} is after end {query.end}. Swap them.", "start")
    file, row = BASES[query.basis]
    unknown = [name for name in query.fields or () if name not in columns(row)]
    if unknown:
        raise UsageError(
            f"{', '.join(map(repr, unknown))} is no column of basis {query.basis}. "
            f"Choose from {', '.join(columns(row))}.",
            "fields",
        )
    chosen = tuple(query.fields) if query.fields else None
    return Selection(file, row, ("date",), {"start": start, "end": end}, chosen)
