"""What share of what is sold comes back?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="finance",
    order=60,
    question="What share of what is sold comes back?",
    kind="trend",
    measures=("refund_rate",),
    options={"money": False},
    note="Refunds of the time against what was sold in it, not of the same orders.",
)
