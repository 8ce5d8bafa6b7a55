"""dim_date: the calendar."""

from contracts.base import Table, columns_of

TABLE = Table(
    grain="One row per date, dense from the first order, return or movement to the as-of date.",
    columns=columns_of(
        "date_key",
        "year",
        "quarter",
        "month",
        "month_start",
        "week_start",
        "day_of_week",
        "is_weekend",
    ),
    key=("date_key",),
)
