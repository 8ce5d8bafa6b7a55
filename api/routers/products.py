"""What is sold, what it earns, what it cost when, and what is bought with it."""

from datetime import datetime
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from api.deps import Listing
from api.listing import described
from api.paths import ProductPath
from api.row_types import Money, Page, Row
from api.selection import Ids, ListQuery, Part, Selection, Words, ids_of
from serving.read import Publication
from serving.statements import By

router = APIRouter(tags=["Products"])

Abc = Literal["A", "B", "C"]


class Product(Row):
    """A product as last known, and what it earned so far from revenue-bearing orders."""

    product_id: str = Field(description="The SKU.", examples=["SKU-00012"])
    product_name: str = Field(description="Name of the product.", examples=["Desk lamp"])
    category: str | None = Field(description="First level of the catalogue.", examples=["Lighting"])
    subcategory: str | None = Field(description="Second level of the catalogue.", examples=["Lamps"])
    brand: str | None = Field(description="Brand.", examples=["Lumen"])
    list_price: Money = Field(description="Shelf price now, tax included.", examples=["39.9000"])
    unit_cost: Money | None = Field(description="What one unit costs the shop now.", examples=["14.2000"])
    reorder_point: int = Field(description="Units below which the product is at risk.", examples=[12])
    orders: int = Field(description="Orders that hold the product.", examples=[120])
    units: int = Field(description="Units ordered.", examples=[151])
    gross_revenue: Money = Field(description="Quantity times shelf price, tax included.", examples=["6024.9000"])
    discounts: Money = Field(description="Discounts on its lines.", examples=["210.0000"])
    refunds: Money = Field(description="Refunds of its lines.", examples=["119.7000"])
    net_revenue: Money = Field(description="Net line amounts less refunds.", examples=["4750.1500"])
    cost: Money | None = Field(description="Cost of what was kept; null where unknown.", examples=["2101.6000"])
    profit: Money | None = Field(description="net_revenue - cost; null where unknown.", examples=["2648.5500"])
    margin: float | None = Field(description="profit / net_revenue; null where either is not known.", examples=[0.5576])
    return_rate: float | None = Field(
        description="Returned units / units; null where it never sold.", examples=[0.0199]
    )
    revenue_share: float | None = Field(
        description="Share of the net revenue of all products; null where it never sold.", examples=[0.0312]
    )
    cumulative_share: float | None = Field(
        description="revenue_share of it and all that sell more; null where it never sold.", examples=[0.4127]
    )
    abc_class: Abc | None = Field(
        description="A while the cumulative share before it is < 0.80, B < 0.95, else C; null where it never sold.",
        examples=["A"],
    )


class Price(Row):
    """An unbroken time of one list price."""

    product_key: str = Field(description="Stable hash of product and valid_from.", examples=["9c1185a5c5e9fc54"])
    list_price: Money = Field(description="Shelf price, tax included.", examples=["39.9000"])
    valid_from: datetime = Field(
        description="Start, inclusive; 1900-01-01 on the first.", examples=["1900-01-01T00:00:00+00:00"]
    )
    valid_to: datetime = Field(
        description="End, exclusive; 9999-12-31 on the current one.", examples=["9999-12-31T00:00:00+00:00"]
    )
    is_current: bool = Field(description="Is it the price now?", examples=[True])


class ProductWithPrices(Product):
    """A product with the history of its list price."""

    prices: list[Price] = Field(
        description="Its list prices, oldest first, without gap or overlap.",
        examples=[
            [
                {
                    "product_key": "9c1185a5c5e9fc54",
                    "list_price": "39.9000",
                    "valid_from": "1900-01-01T00:00:00+00:00",
                    "valid_to": "9999-12-31T00:00:00+00:00",
                    "is_current": True,
                }
            ]
        ],
    )


class BoughtWith(Row):
    """Two products that are bought in the same orders."""

    product_id: str = Field(description="The SKU asked for.", examples=["SKU-00012"])
    with_product_id: str = Field(description="The SKU bought with it.", examples=["SKU-00031"])
    with_product_name: str | None = Field(description="Name of that product.", examples=["Bulb E27"])
    orders_together: int = Field(description="Revenue-bearing orders that hold both.", examples=[17])
    support: float = Field(description="orders_together / all orders with a line, 0 to 1.", examples=[0.0094])
    confidence: float = Field(
        description="Share of the orders with product_id that also hold with_product_id, 0 to 1.", examples=[0.1417]
    )
    lift: float = Field(description="How much more often they meet than by chance, 1 being chance.", examples=[3.2])


Sort = Literal[
    "product_id", "product_name", "list_price", "orders", "units", "net_revenue", "profit", "margin", "return_rate"
]
NULLABLE = {"profit", "margin", "return_rate"}


class ProductQuery(ListQuery):
    """Which products, in which order."""

    product_id: Words | None = Field(
        None, description="Products, by SKU; repeat it for several, by default all.", examples=[["SKU-00012"]]
    )
    category: Words | None = Field(
        None, description="Categories; repeat it for several, by default all.", examples=[["Lighting"]]
    )
    abc_class: list[Abc] | None = Field(None, max_length=3, description="Classes; repeat it for several.")
    sort: Sort = Field("product_id", description="Column to order by; null comes last.")
    order: Literal["asc", "desc"] = Field("asc", description="Ascending or descending.")


@router.get("/v1/products", summary="Products", response_model=Page[Product], responses=described())
async def products(query: Annotated[ProductQuery, Query()], lists: Listing) -> Response:
    """Each product with its price now and what it earned so far; products that never sold included."""
    return await lists.answer(query, _products)


@router.get(
    "/v1/products/{product_id}",
    summary="A product with its price history",
    response_model=Page[ProductWithPrices],
    responses=described(),
)
async def product(
    product_id: Annotated[str, ProductPath], query: Annotated[ListQuery, Query()], lists: Listing
) -> Response:
    """A product, or several, with every list price it had and when."""
    return await lists.answer(query, partial(_product, ids_of(product_id, "product_id", "known_products")))


@router.get(
    "/v1/products/{product_id}/bought-with",
    summary="What is bought with a product",
    response_model=Page[BoughtWith],
    responses=described(),
)
async def bought_with(
    product_id: Annotated[str, ProductPath], query: Annotated[ListQuery, Query()], lists: Listing
) -> Response:
    """What is bought in the same orders as a product, or as each of several, the most frequent first.

    Pairs in fewer orders than the setting `min_pair_orders` are not shown.
    """
    return await lists.answer(query, partial(_bought_with, ids_of(product_id, "product_id", "known_products")))


def _products(query: ProductQuery, _: Publication) -> Selection:
    values = {"product_id": query.product_id, "category": query.category, "abc_class": query.abc_class}
    by = By(query.sort, descending=query.order == "desc", nullable=query.sort in NULLABLE)
    order = (by,) if query.sort == "product_id" else (by, By("product_id"))
    return Selection("products", Product, order, values)


def _product(ids: Ids, _: ListQuery, __: Publication) -> Selection:
    values = {"product_id": list(ids.values), "category": None, "abc_class": None}
    prices = Part("prices", "product_prices", Price, on="product_id")
    return Selection("products", ProductWithPrices, (By("product_id"),), values, ids=ids, parts=(prices,))


def _bought_with(ids: Ids, _: ListQuery, __: Publication) -> Selection:
    order = (By("product_id"), By("orders_together", descending=True), By("with_product_id"))
    return Selection("bought_with", BoughtWith, order, {"product_id": list(ids.values)}, ids=ids)
