"""How do the largest places move?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="sales",
    order=30,
    question="How do the largest places move?",
    kind="stack",
    measures=("net",),
    by="place",
    height=320,
)
