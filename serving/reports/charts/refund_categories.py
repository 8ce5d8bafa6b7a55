"""Which categories are refunded most?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="finance",
    order=70,
    question="Which categories are refunded most?",
    kind="ranking",
    measures=("refunds", "refund_rate"),
    by="category",
    height=300,
)
