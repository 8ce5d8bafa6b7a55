"""Stock and what is about to run out."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from api.deps import Listing
from api.listing import ListQuery, Selection, described
from api.row_types import Page, Row

router = APIRouter(tags=["Inventory"])


class Alert(Row):
    """An unbroken run of days on which a product was below its reorder point; figures of its last day, in units."""

    alert_id: str = Field(description="Stable identifier of the alert.", examples=["5f1c0a8e93b24d67"])
    product_id: str = Field(description="The SKU.", examples=["SKU-00012"])
    opened_on: date = Field(description="First day at risk.", examples=["2024-01-29"])
    resolved_on: date | None = Field(description="First day after the run; null while it lasts.", examples=[None])
    days_open: int = Field(description="Days the alert was or is open.", examples=[10])
    severity: Literal["stockout", "at_risk"] = Field(
        description="stockout if nothing was available on any day of it, else at_risk.", examples=["at_risk"]
    )
    on_hand: int = Field(description="Units in stock.", examples=[28])
    allocated: int = Field(description="Units promised to orders.", examples=[21])
    available: int = Field(description="on_hand - allocated.", examples=[7])
    reorder_point: int = Field(description="Units below which the product is at risk.", examples=[12])
    shortfall: int = Field(description="Units missing to the reorder point.", examples=[5])


class AlertQuery(ListQuery):
    """Which alerts."""

    status: Literal["open", "resolved", "all"] = Field("open", description="Whether the run of days still lasts.")
    severity: Literal["stockout", "at_risk"] | None = Field(None, description="One severity; by default both.")
    product_id: str | None = Field(
        None,
        min_length=1,
        max_length=500,
        pattern=r"^[^\x00]+$",
        description="One product, by its SKU; by default all.",
        examples=["SKU-00012"],
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
    return await lists.answer(query, _selected)


def _selected(query: AlertQuery, _: date) -> Selection:
    values = {"status": query.status, "severity": query.severity, "product_id": query.product_id}
    return Selection("inventory_alerts", Alert, ("opened_on", "alert_id"), values)
