"""An order with its lines, its returns, and each amount of its net revenue."""

from datetime import date, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from api.deps import Listing
from api.listing import described
from api.paths import OrderPath
from api.row_types import Money, Page, Row
from api.selection import Ids, ListQuery, Part, Selection, ids_of
from serving.read import Publication
from serving.statements import By

router = APIRouter(tags=["Orders"])


class OrderLine(Row):
    """A line of an order: `net_amount = gross_amount - discount_amount - tax_amount`."""

    order_id: str = Field(description="The order.", examples=["O0000123"])
    line_number: int = Field(description="Number of the line, from 1.", examples=[1])
    order_date: date = Field(description="Date of the order.", examples=["2024-01-31"])
    product_id: str = Field(description="The SKU.", examples=["SKU-00012"])
    product_key: str = Field(description="The product's version then in force.", examples=["9c1185a5c5e9fc54"])
    customer_id: str | None = Field(description="The customer; null for a guest.", examples=["C000012"])
    store_id: str = Field(description="The store; unknown where there is none.", examples=["S01"])
    quantity: int = Field(description="Units ordered.", examples=[2])
    unit_price: Money = Field(description="Shelf price of one unit, tax included.", examples=["39.9000"])
    gross_amount: Money = Field(description="quantity * unit_price.", examples=["79.8000"])
    discount_amount: Money = Field(description="Discount.", examples=["5.0000"])
    tax_amount: Money = Field(description="Tax held in it.", examples=["12.7400"])
    net_amount: Money = Field(description="gross_amount - discount_amount - tax_amount.", examples=["62.0600"])
    returned_quantity: int = Field(description="Units that came back.", examples=[1])
    refund_amount: Money = Field(description="What was refunded, without tax.", examples=["31.0300"])
    cost_amount: Money | None = Field(description="Cost of the units kept; null where unknown.", examples=["14.2000"])
    profit_amount: Money | None = Field(
        description="net_amount - refund_amount - cost_amount; null where the cost is unknown.", examples=["16.8300"]
    )
    is_revenue: bool = Field(description="Does its order bear revenue?", examples=[True])


class OrderReturn(Row):
    """Units of a line that came back, and what was refunded for them."""

    return_id: str = Field(description="The return; of an order returned by status order#line.", examples=["R0000007"])
    order_id: str = Field(description="The order.", examples=["O0000123"])
    line_number: int = Field(description="The line.", examples=[1])
    return_date: date = Field(description="Date of the return.", examples=["2024-02-05"])
    delivered_at: datetime | None = Field(
        description="When the order was delivered.", examples=["2024-02-02T11:00:00+00:00"]
    )
    product_id: str = Field(description="The SKU.", examples=["SKU-00012"])
    quantity: int = Field(description="Units that came back.", examples=[1])
    days_since_delivery: int | None = Field(description="Calendar days since delivery.", examples=[3])
    refund_eligible: bool = Field(description="Is it within the refund window?", examples=[True])
    refund_amount: Money = Field(description="What was refunded, without tax.", examples=["31.0300"])
    refunded_tax: Money = Field(description="Tax given back beside it; no revenue figure.", examples=["6.3700"])
    payment_method: str = Field(description="How it was paid and is refunded.", examples=["card"])
    reason: str | None = Field(description="Why it came back.", examples=["broken"])


class Order(Row):
    """An order: `net_revenue = gross_revenue - discounts - refunds - taxes`, whatever its status."""

    order_id: str = Field(description="The shop's identifier of the order.", examples=["O0000123"])
    customer_id: str | None = Field(description="The customer; null for a guest.", examples=["C000012"])
    store_id: str = Field(description="The store; unknown where there is none.", examples=["S01"])
    payment_method: str = Field(description="How it was paid.", examples=["card"])
    status: str = Field(
        description="created, paid, fulfilled, delivered, returned or cancelled.", examples=["delivered"]
    )
    order_date: date = Field(description="Date of created_at.", examples=["2024-01-31"])
    created_at: datetime = Field(description="When it was placed.", examples=["2024-01-31T18:22:05+00:00"])
    paid_at: datetime | None = Field(description="When it was paid.", examples=["2024-01-31T18:23:00+00:00"])
    fulfilled_at: datetime | None = Field(description="When it left.", examples=["2024-02-01T08:00:00+00:00"])
    delivered_at: datetime | None = Field(description="When it arrived.", examples=["2024-02-02T11:00:00+00:00"])
    returned_at: datetime | None = Field(description="When the goods came back.", examples=[None])
    cancelled_at: datetime | None = Field(description="When it was cancelled.", examples=[None])
    is_revenue: bool = Field(description="Does it bear revenue: paid to returned?", examples=[True])
    is_first_order: bool = Field(description="Is it the customer's first?", examples=[False])
    items: int = Field(description="Lines.", examples=[2])
    units: int = Field(description="Units ordered.", examples=[3])
    gross_revenue: Money = Field(description="Quantity times shelf price, tax included.", examples=["119.7000"])
    discounts: Money = Field(description="Discounts of its lines.", examples=["5.0000"])
    taxes: Money = Field(description="Tax held in its lines.", examples=["19.1100"])
    refunds: Money = Field(description="Refunds of its returns, without tax.", examples=["31.0300"])
    net_revenue: Money = Field(description="gross_revenue - discounts - refunds - taxes.", examples=["64.5600"])
    shipping_amount: Money = Field(description="What was paid for shipping; not revenue.", examples=["4.9900"])


class WholeOrder(Order):
    """An order with its lines and returns, whose amounts add up to it."""

    lines: list[OrderLine] = Field(description="Its lines, in order.", examples=[[]])
    returns: list[OrderReturn] = Field(description="Its returns, in order of line and date.", examples=[[]])


@router.get(
    "/v1/orders/{order_id}",
    summary="An order with lines and returns",
    response_model=Page[WholeOrder],
    responses=described(),
)
async def order(order_id: Annotated[str, OrderPath], query: Annotated[ListQuery, Query()], lists: Listing) -> Response:
    """An order, or several, with every line and return, and each amount its net revenue is made of."""
    return await lists.answer(query, partial(_selected, ids_of(order_id, "order_id", "known_orders")))


def _selected(ids: Ids, _: ListQuery, __: Publication) -> Selection:
    parts = (
        Part("lines", "order_lines", OrderLine, on="order_id"),
        Part("returns", "order_returns", OrderReturn, on="order_id"),
    )
    return Selection("orders", WholeOrder, (By("order_id"),), {"order_id": list(ids.values)}, ids=ids, parts=parts)
