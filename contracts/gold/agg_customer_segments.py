"""agg_customer_segments: how many customers a segment has and what they spend."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per RFM segment that has a customer.",
    columns=columns_of(
        "segment",
        "customers",
        "orders",
        "net_revenue",
        "revenue_share?",
        "avg_recency_days?",
        segment="RFM segment; Prospect for customers without an order.",
        customers="Customers in the segment.",
        orders="Revenue-bearing orders of the segment's customers.",
        revenue_share="Share of all customers' net revenue; guests are not in it.",
    ),
    key=("segment",),
)
