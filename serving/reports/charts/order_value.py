"""How large is an average order?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="overview",
    order=20,
    question="How large is an average order?",
    kind="trend",
    measures=("aov",),
    options={"cube": "orders"},
    note="Gross less discounts and taxes, per order, before refunds. A time without orders has no value.",
)
