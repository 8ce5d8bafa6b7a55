"""fct_inventory_alerts: when a product was short, and how badly."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per product and unbroken run of days at risk.",
    columns=columns_of(
        "alert_id",
        "product_id",
        "opened_on",
        "resolved_on?",
        "days_open",
        "severity",
        "on_hand",
        "allocated",
        "available",
        "reorder_point",
        "shortfall",
    ),
    key=("alert_id",),
)
