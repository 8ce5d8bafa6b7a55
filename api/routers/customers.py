"""Who buys: segments, and a customer's lifetime figures."""

from datetime import date, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from api.deps import Listing
from api.listing import described
from api.paths import CustomerPath
from api.row_types import Money, Page, Row
from api.selection import Ids, ListQuery, Selection, ids_of
from serving.read import Publication
from serving.statements import By

router = APIRouter(tags=["Customers"])


class Segment(Row):
    """The customers of one RFM segment, as of the as-of date."""

    segment: str = Field(description="RFM segment; Prospect for customers without an order.", examples=["Champions"])
    customers: int = Field(description="Customers in the segment.", examples=[48])
    orders: int = Field(description="Their revenue-bearing orders.", examples=[402])
    net_revenue: Money = Field(description="Their net revenue.", examples=["41250.7500"])
    revenue_share: float | None = Field(
        description="Share of all customers' net revenue, guests not included; null where that is 0.",
        examples=[0.3141],
    )
    avg_recency_days: float | None = Field(
        description="Mean days since their latest order; null for Prospect.", examples=[6.5]
    )


class Customer(Row):
    """A customer with lifetime figures of revenue-bearing orders; name and mail address by scope `customers`."""

    customer_id: str = Field(description="The shop's identifier of the customer.", examples=["C000012"])
    full_name: str | None = Field(description="Name. Only with scope customers.", examples=["Ada Byron"])
    email: str | None = Field(description="Mail address. Only with scope customers.", examples=["ada@example.org"])
    country: str | None = Field(description="ISO 3166 alpha-2 code of the country.", examples=["GB"])
    region: str | None = Field(description="Region within the country.", examples=["England"])
    city: str | None = Field(description="City.", examples=["London"])
    signup_at: datetime | None = Field(description="When they signed up.", examples=["2023-12-30T09:12:00+00:00"])
    first_order_date: date | None = Field(description="Date of the first order.", examples=["2024-01-02"])
    last_order_date: date | None = Field(description="Date of the latest order.", examples=["2024-02-01"])
    orders: int = Field(description="Orders.", examples=[7])
    gross_revenue: Money = Field(description="Quantity times shelf price, tax included.", examples=["512.0000"])
    net_revenue: Money = Field(description="Less discounts, refunds and taxes.", examples=["401.7500"])
    recency_days: int | None = Field(description="Days from the latest order to the as-of date.", examples=[6])
    recency_score: int | None = Field(description="1 (longest ago) to 5.", examples=[5])
    frequency_score: int | None = Field(description="1 to 5, by orders.", examples=[4])
    monetary_score: int | None = Field(description="1 to 5, by net_revenue.", examples=[4])
    segment: str = Field(description="RFM segment; Prospect without an order.", examples=["Champions"])


@router.get("/v1/customers/segments", summary="Customer segments", response_model=Page[Segment], responses=described())
async def customer_segments(query: Annotated[ListQuery, Query()], lists: Listing) -> Response:
    """How many customers each RFM segment has and what they spend."""
    return await lists.answer(query, _segments)


@router.get("/v1/customers/{customer_id}", summary="A customer", response_model=Page[Customer], responses=described())
async def customer(
    customer_id: Annotated[str, CustomerPath], query: Annotated[ListQuery, Query()], lists: Listing
) -> Response:
    """RFM scores and lifetime figures of a customer, or of several.

    `full_name` and `email` are left out unless the key has scope `customers`.
    """
    return await lists.answer(query, partial(_customer, ids_of(customer_id, "customer_id", "known_customers")))


def _segments(_: ListQuery, __: Publication) -> Selection:
    return Selection("customer_segments", Segment, (By("segment"),))


def _customer(ids: Ids, _: ListQuery, __: Publication) -> Selection:
    return Selection("customers", Customer, (By("customer_id"),), {"customer_id": list(ids.values)}, ids=ids)
