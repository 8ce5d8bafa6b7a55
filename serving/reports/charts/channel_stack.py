"""How does the mix of channels move?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="sales",
    order=40,
    question="How does the mix of channels move?",
    kind="stack",
    measures=("net",),
    by="channel",
)
