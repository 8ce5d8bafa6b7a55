"""Customers & retention: who buys, who comes back, what a customer becomes worth."""

from serving.reports.model import PageSpec

PAGE = PageSpec(
    order=40,
    title="Customers & retention",
    cubes=("orders", "daily"),
    totals=("orders", "first_orders", "returning_orders", "guest_orders"),
    heading="Who buys, and do they come back?",
)
