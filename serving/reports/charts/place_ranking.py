"""Which places sell most?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="sales",
    order=20,
    question="Which places sell most?",
    kind="ranking",
    measures=("net",),
    by="place",
    note="A retail store stands at its own place, every other order at the customer's. Choose a bar, or the "
    "list above, to go down.",
    height=320,
)
