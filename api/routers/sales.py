"""Sales by any of their dimensions."""

import datetime as dt
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BeforeValidator, Field

from api.deps import Listing
from api.listing import described
from api.row_types import Money, Page, Row, columns
from api.selection import RangeQuery, Selection, Words, separated
from serving.read import Publication
from serving.statements import By

router = APIRouter(tags=["Sales"])

Dimension = Literal[
    "date",
    "week",
    "month",
    "country",
    "region",
    "city",
    "store",
    "channel",
    "category",
    "segment",
    "payment_method",
]
DIMENSIONS: tuple[str, ...] = get_args(Dimension)
FILTERS = DIMENSIONS[3:]


class Sales(Row):
    """A group of sales: what was ordered on its dates, and what was refunded on them."""

    date: dt.date = Field(description="Date of order or return.", examples=["2024-01-31"])
    week: dt.date = Field(description="Monday of the week.", examples=["2024-01-29"])
    month: dt.date = Field(description="First day of the month.", examples=["2024-01-01"])
    country: str = Field(description="Country of a retail store, else of the customer; or unknown.", examples=["GB"])
    region: str = Field(description="Region of a retail store, else of the customer; or unknown.", examples=["England"])
    city: str = Field(description="City of a retail store, else of the customer; or unknown.", examples=["London"])
    store: str = Field(description="The store; unknown where there is none.", examples=["S01"])
    channel: str = Field(description="web, retail or marketplace; or unknown.", examples=["web"])
    category: str = Field(description="First level of the catalogue; or unknown.", examples=["Lighting"])
    segment: str = Field(description="RFM segment of the customer; Guest for guests.", examples=["Champions"])
    payment_method: str = Field(description="How the order was paid.", examples=["card"])
    orders: int = Field(description="Distinct revenue-bearing orders with a line in the group.", examples=[18])
    units: int = Field(description="Units ordered.", examples=[61])
    gross_revenue: Money = Field(description="Quantity times shelf price, tax included.", examples=["2410.5000"])
    discounts: Money = Field(description="Discounts on what was ordered.", examples=["120.0000"])
    taxes: Money = Field(description="Tax held in what was ordered.", examples=["381.7500"])
    refunds: Money = Field(description="Refunds, by the date of return, without tax.", examples=["42.2500"])
    net_revenue: Money = Field(description="gross_revenue - discounts - refunds - taxes.", examples=["1866.5000"])
    profit: Money = Field(
        description="Net less cost by order date, less refunds by return date, over lines whose cost is known.",
        examples=["702.1000"],
    )


MEASURES = tuple(name for name in columns(Sales) if name not in DIMENSIONS)


def _filter(what: str, example: str) -> Any:
    return Field(None, description=f"{what}; repeat it for several, by default all.", examples=[[example]])


class SalesQuery(RangeQuery):
    """Which sales, in which groups."""

    group_by: Annotated[list[Dimension], BeforeValidator(separated)] = Field(
        ["date"],
        min_length=1,
        max_length=len(DIMENSIONS),
        description="What a row is of, in this order, which the rows have too; repeat it or separate by commas: "
        f"{', '.join(DIMENSIONS)}.",
        examples=[["month", "country"]],
    )
    country: Words | None = _filter("Countries", "GB")
    region: Words | None = _filter("Regions", "England")
    city: Words | None = _filter("Cities", "London")
    store: Words | None = _filter("Stores, by id", "S01")
    channel: Words | None = _filter("Channels", "web")
    category: Words | None = _filter("Categories", "Lighting")
    segment: Words | None = _filter("Segments", "Champions")
    payment_method: Words | None = _filter("Payment methods", "card")


@router.get("/v1/sales", summary="Sales by dimensions", response_model=Page[Sales], responses=described())
async def sales(query: Annotated[SalesQuery, Query()], lists: Listing) -> Response:
    """Orders, units, revenue, refunds and profit of each group that has any, in order of its dimensions.

    An order is counted once in each group it has a line in. By date it all adds up to `/v1/metrics/daily`,
    but for orders without a line, which are counted there alone.
    """
    return await lists.answer(query, _selected)


def _selected(query: SalesQuery, published: Publication) -> Selection:
    chosen = tuple(dict.fromkeys(query.group_by))
    values: dict[str, object] = {**query.dates(published.as_of), **{name: getattr(query, name) for name in FILTERS}}
    order = tuple(By(name) for name in chosen)
    return Selection(_file(query, chosen), Sales, order, values, columns=(*chosen, *MEASURES), chosen=chosen)


def _file(query: SalesQuery, chosen: tuple[str, ...]) -> str:
    """Lines are read only for what neither the cube nor an order tells."""
    if "payment_method" in chosen or query.payment_method is not None:
        return "sales"
    if "category" in chosen or (query.category is not None and len(query.category) == 1):
        return "sales_cube"
    return "sales_orders" if query.category is None else "sales"
