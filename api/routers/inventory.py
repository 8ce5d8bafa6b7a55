"""Stock and what is about to run out."""

import datetime as dt
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from api.deps import Listing
from api.listing import described
from api.paths import ProductPath
from api.row_types import Page, Row
from api.selection import Ids, ListQuery, RangeQuery, Selection, Words, ids_of
from serving.read import Publication
from serving.statements import By

router = APIRouter(tags=["Inventory"])


class Alert(Row):
    """An unbroken run of days on which a product was below its reorder point; figures of its last day, in units."""

    alert_id: str = Field(description="Stable identifier of the alert.", examples=["5f1c0a8e93b24d67"])
    product_id: str = Field(description="The SKU.", examples=["SKU-00012"])
    opened_on: dt.date = Field(description="First day at risk.", examples=["2024-01-29"])
    resolved_on: dt.date | None = Field(description="First day after the run; null while it lasts.", examples=[None])
    days_open: int = Field(description="Days the alert was or is open.", examples=[10])
    severity: Literal["stockout", "at_risk"] = Field(
        description="stockout if nothing was available on any day of it, else at_risk.", examples=["at_risk"]
    )
    on_hand: int = Field(description="Units in stock.", examples=[28])
    allocated: int = Field(description="Units promised to orders.", examples=[21])
    available: int = Field(description="on_hand - allocated.", examples=[7])
    reorder_point: int = Field(description="Units below which the product is at risk.", examples=[12])
    shortfall: int = Field(description="Units missing to the reorder point.", examples=[5])


class StockDay(Row):
    """The stock of a product at the end of a day, in units."""

    date: dt.date = Field(description="The day.", examples=["2024-01-31"])
    product_id: str = Field(description="The SKU.", examples=["SKU-00012"])
    received: int = Field(description="Units received and returned that day.", examples=[40])
    shipped: int = Field(description="Units shipped that day.", examples=[12])
    adjusted: int = Field(description="Units corrected by hand, signed.", examples=[-1])
    on_hand: int = Field(description="Units in stock at the end of the day.", examples=[28])
    allocated: int = Field(description="Units promised to orders.", examples=[21])
    available: int = Field(description="on_hand - allocated.", examples=[7])
    reorder_point: int = Field(description="Units below which the product is at risk.", examples=[12])
    at_risk: bool = Field(description="Is available below the reorder point?", examples=[True])
    is_stockout: bool = Field(description="Is nothing available?", examples=[False])
    avg_daily_shipped_30d: float = Field(
        description="Units shipped a day, over the 30 days up to it or as many as there are.", examples=[3.5]
    )
    days_of_cover: float | None = Field(
        description="available / avg_daily_shipped_30d, in days; null where nothing was shipped.", examples=[2.0]
    )


class AlertQuery(ListQuery):
    """Which alerts."""

    status: Literal["open", "resolved", "all"] = Field("open", description="Whether the run of days still lasts.")
    severity: Literal["stockout", "at_risk"] | None = Field(None, description="One severity; by default both.")
    product_id: Words | None = Field(
        None, description="Products, by SKU; repeat it for several, by default all.", examples=[["SKU-00012"]]
    )


@router.get(
    "/v1/inventory/alerts",
    summary="Products at risk of running out",
    response_model=Page[Alert],
    responses=described(),
)
@router.get("/inventory/alerts", include_in_schema=False)
async def inventory_alerts(query: Annotated[AlertQuery, Query()], lists: Listing) -> Response:
    """Each unbroken run of days on which a product was below its reorder point, the newest first."""
    return await lists.answer(query, _alerts)


@router.get(
    "/v1/inventory/{product_id}",
    summary="Stock of a product by day",
    response_model=Page[StockDay],
    responses=described(),
)
async def inventory_of_product(
    product_id: Annotated[str, ProductPath], query: Annotated[RangeQuery, Query()], lists: Listing
) -> Response:
    """The stock of a product, or of several, at the end of each day, in order of product and date.

    A product that never moved has no days.
    """
    return await lists.answer(query, partial(_stock, ids_of(product_id, "product_id", "known_products")))


def _alerts(query: AlertQuery, _: Publication) -> Selection:
    values = {"status": query.status, "severity": query.severity, "product_id": query.product_id}
    return Selection("inventory_alerts", Alert, (By("opened_on", descending=True), By("alert_id")), values)


def _stock(ids: Ids, query: RangeQuery, published: Publication) -> Selection:
    values = {"product_id": list(ids.values), **query.dates(published.as_of)}
    return Selection("inventory_daily", StockDay, (By("product_id"), By("date")), values, ids=ids)
