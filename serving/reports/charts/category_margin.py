"""Which categories earn most on what they sell?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="products",
    order=20,
    question="Which categories earn most on what they sell?",
    kind="ranking",
    measures=("margin", "net", "profit"),
    by="category",
    options={"money": False},
    note="Profit of net revenue, over lines whose cost is known. A category with no net revenue has none.",
    height=320,
)
