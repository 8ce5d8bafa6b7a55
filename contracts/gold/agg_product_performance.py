"""agg_product_performance: what each product earns."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per product with a revenue-bearing line.",
    columns=columns_of(
        "product_id",
        "product_name",
        "category?",
        "orders",
        "units",
        "gross_revenue",
        "discounts",
        "refunds",
        "net_revenue",
        "cost?",
        "profit?",
        "margin?",
        "return_rate",
        "revenue_share?",
        "cumulative_share?",
        "abc_class",
        orders="Revenue-bearing orders that hold the product.",
        refunds="Sum of refund_amount of the product's lines.",
        net_revenue="Net line amounts less refunds.",
        profit="net_revenue - cost; null where a line's cost is unknown.",
        return_rate="Returned units / units.",
        revenue_share="Share of the net revenue of all products.",
    ),
    key=("product_id",),
)
