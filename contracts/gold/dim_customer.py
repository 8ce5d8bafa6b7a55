"""dim_customer: who buys, with lifetime figures and RFM segment."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per customer, as of the as-of date.",
    columns=columns_of(
        "customer_id",
        "full_name?",
        "email?",
        "country?",
        "region?",
        "city?",
        "signup_at?",
        "first_order_date?",
        "last_order_date?",
        "orders",
        "gross_revenue",
        "net_revenue",
        "recency_days?",
        "recency_score?",
        "frequency_score?",
        "monetary_score?",
        "segment",
        customer_id="The shop's identifier of the customer.",
        orders="Revenue-bearing orders of the customer.",
    ),
    key=("customer_id",),
)
