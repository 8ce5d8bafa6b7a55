"""inventory_movements: every unit that came, went, was corrected or promised."""

import polars as pl

from contracts.base import Field, Reference, Rule, Source
from contracts.settings import Settings

MOVEMENT_TYPES = ("receipt", "shipment", "return", "adjustment", "allocation", "release")


def _adjusts_nothing(_: Settings) -> pl.Expr:
    return (pl.col("movement_type") == "adjustment") & (pl.col("quantity") == 0)


def _moves_less_than_one(_: Settings) -> pl.Expr:
    return (
        pl.col("movement_type").is_in(MOVEMENT_TYPES)
        & (pl.col("movement_type") != "adjustment")
        & (pl.col("quantity") < 1)
    )


SOURCE = Source(
    grain="One row per stock movement record that landed.",
    key=("movement_id",),
    fields=(
        Field("movement_id"),
        Field("product_id"),
        Field("location?"),
        Field("movement_type", enum=MOVEMENT_TYPES),
        Field("quantity"),
        Field("occurred_at"),
        Field("order_id?"),
    ),
    rules=(
        Rule("quantity:ne_0", "An adjustment of 0 adjusts nothing.", _adjusts_nothing),
        Rule("quantity:ge_1", "Every movement but an adjustment is of at least one unit.", _moves_less_than_one),
    ),
    references=(Reference(("product_id",), "products"),),
)
