"""Sales & regions: over time, down the regions to a store, by channel, segment and weekday."""

from serving.reports.model import PageSpec

PAGE = PageSpec(
    order=20,
    title="Sales & regions",
    cubes=("sales", "orders", "daily"),
    totals=("net", "orders", "aov", "discount_rate"),
    heading="Where does revenue come from?",
)
