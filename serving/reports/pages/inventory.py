"""Inventory: what is short, for how long, and what that costs."""

from serving.reports.model import PageSpec

PAGE = PageSpec(
    order=50,
    title="Inventory",
    cubes=("daily",),
    heading="Is there enough in stock?",
)
