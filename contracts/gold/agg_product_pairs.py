"""agg_product_pairs: what is bought together."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per two products bought together in at least min_pair_orders orders.",
    columns=columns_of(
        "product_a",
        "product_b",
        "orders_together",
        "support",
        "confidence_ab",
        "confidence_ba",
        "lift",
    ),
    key=("product_a", "product_b"),
)
