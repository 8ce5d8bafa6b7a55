"""Which customer segments buy?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="sales",
    order=50,
    question="Which customer segments buy?",
    kind="ranking",
    measures=("net",),
    by="segment",
    note="Segments are those of today (recency, frequency, money), also for sales of before.",
)
