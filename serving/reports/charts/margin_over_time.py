"""Does the margin hold?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="products",
    order=50,
    question="Does the margin hold?",
    kind="trend",
    measures=("margin",),
    options={"money": False},
    note="Profit of net revenue. Refunds lower both on the return date.",
)
