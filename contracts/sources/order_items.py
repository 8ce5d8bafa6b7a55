"""order_items: the lines of the orders."""

import polars as pl

from contracts.base import Field, Reference, Rule, Source
from contracts.settings import Settings

LARGEST_GROSS = 10**14  # what DECIMAL(18,4) can hold


def _gross() -> pl.Expr:
    # 14 digits before the point times 9 overflow no DECIMAL(38,4).
    return pl.col("unit_price").cast(pl.Decimal(38, 4)) * pl.col("quantity")


def _good(*amounts: str) -> pl.Expr:
    # A rule over several columns needs each of them good by itself.
    return (pl.col("quantity") >= 1) & pl.all_horizontal(pl.col(*amounts) >= 0)


def _too_large(_: Settings) -> pl.Expr:
    return _good("unit_price") & (_gross() >= LARGEST_GROSS)


def _exceeds_gross(_: Settings) -> pl.Expr:
    gross = _gross()
    taken = pl.col("discount_amount").cast(pl.Decimal(38, 4)) + pl.col("tax_amount")
    good = _good("unit_price", "discount_amount", "tax_amount")
    return good & (gross < LARGEST_GROSS) & (taken > gross)


SOURCE = Source(
    grain="One row per order line that landed, in any version.",
    key=("order_id", "line_number"),
    fields=(
        Field("order_id"),
        Field("line_number", at_least=1),
        Field("product_id"),
        Field("quantity", at_least=1),
        Field("unit_price", at_least=0),
        Field("discount_amount", at_least=0),
        Field("tax_amount", at_least=0),
    ),
    rules=(
        Rule("quantity:too_large", "quantity * unit_price is 10^14 or more.", _too_large),
        Rule("discount_amount:exceeds_gross", "Discount and tax exceed the line's gross.", _exceeds_gross),
    ),
    tells=("quantity",),
    references=(
        Reference(("order_id",), "orders"),
        Reference(("product_id",), "products"),
    ),
)
