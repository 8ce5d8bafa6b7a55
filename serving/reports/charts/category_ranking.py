"""Which categories sell most?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="products",
    order=10,
    question="Which categories sell most?",
    kind="ranking",
    measures=("net", "units", "profit"),
    by="category",
    height=320,
)
