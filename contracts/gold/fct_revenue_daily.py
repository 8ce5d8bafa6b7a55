"""fct_revenue_daily: the shop's day, booked and recognised."""

from contracts.base import Reference, Table, columns_of

TABLE = Table(
    grain="One row per date, dense from the first order of any status to the as-of date.",
    columns=columns_of(
        "date",
        "orders",
        "units",
        "customers",
        "new_customers",
        "repeat_customers",
        "guest_orders",
        "gross_revenue",
        "discounts",
        "taxes",
        "refunds",
        "net_revenue",
        "aov?",
        "orders_returned",
        "return_rate?",
        "returns_received",
        "recognized_gross",
        "recognized_discounts",
        "recognized_taxes",
        "recognized_refunds",
        "recognized_net",
        return_rate="orders_returned / orders; null on a day without an order.",
    ),
    key=("date",),
    scope="days",
    references=(Reference(("date",), "dim_date"),),
)
