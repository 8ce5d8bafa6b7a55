"""dim_payment_method: how orders are paid."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per payment method; all eight, always.",
    columns=columns_of("payment_method", "label", "is_digital"),
    key=("payment_method",),
)
