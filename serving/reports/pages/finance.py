"""Finance: from gross to net, booked against recognised, refunds and restatements."""

from serving.reports.model import PageSpec

PAGE = PageSpec(
    order=60,
    title="Finance",
    cubes=("sales", "orders", "daily"),
    totals=("gross", "discounts", "taxes", "refunds", "net", "recognized"),
    heading="What was booked, recognised and given back?",
)
