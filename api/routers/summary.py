"""Figures of the shop by period, beside the period before or a year ago."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field, create_model

from api.deps import Listing
from api.listing import described
from api.row_types import Money, Page, Row, columns
from api.selection import RangeQuery, Selection
from serving.read import Publication
from serving.statements import By

router = APIRouter(tags=["Metrics"])


class Summary(Row):
    """One period: booked figures by order date, recognised ones by delivery date."""

    period_start: date = Field(description="First date of the period that is counted.", examples=["2024-01-01"])
    period_end: date = Field(description="Last date of the period that is counted.", examples=["2024-01-31"])
    orders: int = Field(description="Revenue-bearing orders.", examples=[540])
    units: int = Field(description="Units ordered.", examples=[1830])
    customers: int = Field(description="Distinct customers with an order in the period.", examples=[310])
    new_customers: int = Field(description="Customers whose first order is in the period.", examples=[120])
    repeat_customers: int = Field(description="customers - new_customers.", examples=[190])
    guest_orders: int = Field(description="Orders without a customer.", examples=[60])
    gross_revenue: Money = Field(description="Quantity times shelf price, tax included.", examples=["72315.0000"])
    discounts: Money = Field(description="Discounts on what was ordered.", examples=["3600.0000"])
    taxes: Money = Field(description="Tax held in what was ordered.", examples=["11452.5000"])
    refunds: Money = Field(description="Refunds of returns dated in the period, without tax.", examples=["1267.5000"])
    net_revenue: Money = Field(description="gross_revenue - discounts - refunds - taxes.", examples=["55995.0000"])
    aov: Money | None = Field(
        description="(gross_revenue - discounts - taxes) / orders; null without an order.", examples=["106.0417"]
    )
    orders_returned: int = Field(description="Orders of the period of which anything came back so far.", examples=[30])
    return_rate: float | None = Field(
        description="orders_returned / orders, 0 to 1; null without an order.", examples=[0.0556]
    )
    returns_received: int = Field(description="Orders with a return dated in the period.", examples=[28])
    recognized_gross: Money = Field(description="Gross amounts delivered in the period.", examples=["69400.0000"])
    recognized_discounts: Money = Field(description="Discounts of what was delivered.", examples=["3450.0000"])
    recognized_taxes: Money = Field(description="Taxes of what was delivered.", examples=["10990.0000"])
    recognized_refunds: Money = Field(description="Refunds of returns dated in the period.", examples=["1267.5000"])
    recognized_net: Money = Field(
        description="recognized_gross less its discounts, refunds and taxes.", examples=["53692.5000"]
    )


COMPARED = (
    "orders",
    "units",
    "customers",
    "new_customers",
    "gross_revenue",
    "refunds",
    "net_revenue",
    "aov",
    "recognized_net",
)


def _compared() -> type[Row]:
    """A summary with each compared figure of the other period, and its change."""
    more: dict[str, Any] = {
        "before_start": (date, Field(description="First date it is compared with.", examples=["2023-12-01"])),
        "before_end": (date, Field(description="Last date it is compared with.", examples=["2023-12-31"])),
    }
    for name in COMPARED:
        shown = Summary.model_fields[name]
        kind: Any = int if shown.annotation is int else Money
        said = f"{name} of the dates compared with; null where the shop has none."
        more[f"{name}_before"] = (kind | None, Field(description=said, examples=shown.examples))
    for name in COMPARED:
        said = f"({name} - {name}_before) / |{name}_before|; null where that is 0 or null."
        more[f"{name}_change"] = (float | None, Field(description=said, examples=[0.125]))
    made: type[Row] = create_model("ComparedSummary", __base__=Summary, **more)
    made.__doc__ = "One period, and the same figures of the period it is compared with."
    return made


ComparedSummary = _compared()


class SummaryQuery(RangeQuery):
    """Which dates, in which periods, compared with what."""

    grain: Literal["total", "day", "week", "month", "quarter", "year"] = Field(
        "total", description="One row for all dates, or one a period; weeks begin on Monday."
    )
    compare: Literal["previous", "year_ago"] | None = Field(
        None,
        description="previous: the period before; year_ago: the same dates a year before (of a week: 364 days). "
        "A period that is cut short is compared with as many days of the other.",
    )


@router.get(
    "/v1/metrics/summary",
    summary="Figures by period",
    response_model=Page[Summary] | Page[ComparedSummary],  # type: ignore[valid-type]
    responses=described(),
)
async def metrics_summary(query: Annotated[SummaryQuery, Query()], lists: Listing) -> Response:
    """Orders, customers, revenue, refunds and returns of each period, in order of date.

    Customers and orders with a return are counted once a period, so a month's are not the sum of its days'.
    """
    return await lists.answer(query, _selected)


def _selected(query: SummaryQuery, published: Publication) -> Selection:
    values = {**query.dates(published.as_of), "grain": query.grain, "compare": query.compare}
    row = ComparedSummary if query.compare else Summary
    return Selection("metrics_summary", row, (By("period_start"),), values, columns=columns(row))
