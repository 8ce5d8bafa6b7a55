"""Products: categories under the filter, and the products of the whole release."""

from serving.reports.model import PageSpec

PAGE = PageSpec(
    order=30,
    title="Products",
    cubes=("sales",),
    totals=("net", "units", "profit", "margin"),
    heading="What sells, and what does it earn?",
)
