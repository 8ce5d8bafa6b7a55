"""agg_refund_exposure: refunds that may still come."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per category with delivered lines still inside the refund window.",
    columns=columns_of(
        "category",
        "lines",
        "open_net",
        "refund_rate?",
        "expected_refunds?",
        category="First level of the catalogue; unknown where there is none.",
    ),
    key=("category",),
)
