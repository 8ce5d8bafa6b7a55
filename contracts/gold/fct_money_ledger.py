"""fct_money_ledger: every money event, and the landed row that caused it."""

from contracts.base import Reference, Table, columns_of

TABLE = Table(
    grain="One row per clock and money event of a revenue-bearing order; amounts of zero have none.",
    columns=columns_of(
        "date",
        "clock",
        "event",
        "order_id",
        "line_number",
        "return_id?",
        "amount",
        "landing_date",
        "source_file",
        "row_number",
        date="The order date (booked) or delivery date (recognized); of a refund the return date.",
        return_id="The return of a refund; null for other events.",
    ),
    key=("clock", "event", "order_id", "line_number", "return_id"),
    partition="date",
    scope="orders",
    references=(
        Reference(("order_id", "line_number"), "fct_order_items"),
        Reference(("return_id",), "fct_returns"),
    ),
    served=False,
)
