"""fct_cohort_ltv: what customers of a first day are worth after 7, 30 and 90 days."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per cohort_date and window_days.",
    columns=columns_of(
        "cohort_date",
        "window_days",
        "cohort_size",
        "is_mature",
        "retained_customers",
        "retention_rate",
        "orders",
        "net_revenue",
        "ltv",
        orders="Revenue-bearing orders of the cohort inside the window, the first ones included.",
        net_revenue="Net line amounts ordered inside the window, less refunds dated inside it.",
    ),
    key=("cohort_date", "window_days"),
)
