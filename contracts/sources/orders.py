"""orders: an order lands in its first state and again whenever its state changes."""

import polars as pl

from contracts.base import Field, Reference, Rule, Source
from contracts.settings import Settings

STATUSES = ("created", "paid", "fulfilled", "delivered", "returned", "cancelled")
STAMPED_STATUSES = ("paid", "delivered", "returned", "cancelled")  # carry their own timestamp
STATE_STAMPS = ("paid_at", "fulfilled_at", "delivered_at", "returned_at", "cancelled_at")
PAYMENT_METHODS = (
    "card",
    "paypal",
    "bank_transfer",
    "wallet",
    "cash_on_delivery",
    "gift_card",
    "voucher",
    "other",
)


def _missing(state: str) -> Rule:
    def violated(_: Settings) -> pl.Expr:
        return (pl.col("status") == state) & pl.col(f"{state}_at__text").is_null()

    return Rule(f"{state}_at:missing", f"The order is {state} but does not say since when.", violated)


def _before_created(stamp: str) -> Rule:
    def violated(_: Settings) -> pl.Expr:
        return pl.col(stamp) < pl.col("created_at")

    return Rule(f"{stamp}:before_created", "The state is older than the order itself.", violated)


def _other_currency(settings: Settings) -> pl.Expr:
    return pl.col("currency") != settings.currency


SOURCE = Source(
    grain="One row per order record that landed, in any state.",
    key=("order_id",),
    fields=(
        Field("order_id"),
        Field("customer_id?"),
        Field("store_id?"),
        Field("status", enum=STATUSES),
        Field("created_at"),
        Field("paid_at?"),
        Field("fulfilled_at?"),
        Field("delivered_at?"),
        Field("returned_at?"),
        Field("cancelled_at?"),
        Field("payment_method", enum=PAYMENT_METHODS),
        Field("currency"),
        Field("shipping_amount?", at_least=0),
        Field("updated_at"),
    ),
    rules=(
        *(_missing(state) for state in STAMPED_STATUSES),
        *(_before_created(stamp) for stamp in STATE_STAMPS),
        Rule("currency:mismatch", "The currency is not the one of the settings.", _other_currency),
    ),
    tells=("order_date",),
    references=(
        Reference(("customer_id",), "customers"),
        Reference(("store_id",), "stores", once_landed=True),
    ),
)
