"""agg_revenue_bridge: from what was booked to what was recognised."""

from contracts.base import Reference, Table, columns_of

TABLE = Table(
    grain="One row per date of fct_revenue_daily.",
    columns=columns_of(
        "date",
        "booked_net",
        "recognized_net",
        "booked_not_delivered",
        "delivered_from_before",
        "deferred",
        "residual",
    ),
    key=("date",),
    references=(Reference(("date",), "dim_date"),),
)
