"""fct_inventory_daily: the stock of every product at the end of every day."""

from contracts.base import Reference, Table, columns_of

TABLE = Table(
    grain="One row per date and product, dense from the product's first movement to the as-of date.",
    columns=columns_of(
        "date",
        "product_id",
        "received",
        "shipped",
        "adjusted",
        "on_hand",
        "allocated",
        "available",
        "reorder_point",
        "at_risk",
        "is_stockout",
        "avg_daily_shipped_30d",
        "days_of_cover?",
    ),
    key=("date", "product_id"),
    partition="date",
    scope="stock",
    references=(Reference(("date",), "dim_date"),),
)
