"""How much do we sell, day by day?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="overview",
    order=10,
    question="How much do we sell, day by day?",
    kind="trend",
    measures=("net",),
    options={"mark": "bar"},
    note="Net revenue: gross less discounts, taxes and refunds. Sales count on the order date, refunds on the "
    "return date.",
    wide=True,
    height=300,
)
