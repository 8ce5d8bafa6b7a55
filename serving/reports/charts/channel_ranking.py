"""Which channels bring the money?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="overview",
    order=40,
    question="Which channels bring the money?",
    kind="ranking",
    measures=("net", "orders"),
    by="channel",
    options={"cube": "orders"},
    height=200,
)
