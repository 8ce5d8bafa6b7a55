"""Which categories bring the money?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="overview",
    order=50,
    question="Which categories bring the money?",
    kind="ranking",
    measures=("net",),
    by="category",
    options={"limit": 8},
)
