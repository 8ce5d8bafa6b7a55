"""fct_cohort_monthly: how customers of a first month stay, month by month."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per cohort_month and months_since, months without an order included.",
    columns=columns_of(
        "cohort_month",
        "months_since",
        "cohort_size",
        "active_customers",
        "retention_rate",
        "orders",
        "net_revenue",
        "cumulative_ltv",
        retention_rate="active_customers / cohort_size.",
        orders="Revenue-bearing orders of the cohort in that month.",
        net_revenue="Net line amounts ordered in that month, less refunds dated in it.",
    ),
    key=("cohort_month", "months_since"),
)
