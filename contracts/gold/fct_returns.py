"""fct_returns: units that came back, and what was refunded for them."""

from contracts.base import Reference, Table, columns_of

TABLE = Table(
    grain="One row per return row, or one per line of an order returned by status alone.",
    columns=columns_of(
        "return_id",
        "order_id",
        "line_number",
        "return_date",
        "delivered_at?",
        "product_id",
        "quantity",
        "days_since_delivery?",
        "refund_eligible",
        "refund_amount",
        "refunded_tax",
        "payment_method",
        "reason?",
        quantity="Units that came back.",
    ),
    key=("return_id",),
    partition="return_date",
    scope="orders",
    references=(
        Reference(("order_id", "line_number"), "fct_order_items"),
        Reference(("payment_method",), "dim_payment_method"),
    ),
)
