"""agg_stockout_loss: what empty shelves cost."""

from contracts.base import Column, Table, columns_of

TABLE = Table(
    grain="One row per product and month with a stock-out day.",
    columns=(
        *columns_of("product_id"),
        Column("month", "date", nullable=False, meaning="First day of the month."),
        *columns_of(
            "days_on_hand",
            "days_out",
            "units_sold",
            "velocity?",
            "lost_units?",
            "lost_revenue?",
        ),
    ),
    key=("product_id", "month"),
)
