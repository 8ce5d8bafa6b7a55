"""What stands between gross and net revenue?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="finance",
    order=10,
    question="What stands between gross and net revenue?",
    kind="waterfall",
    measures=("gross", "discounts", "taxes", "refunds"),
    options={"signs": [1, -1, -1, -1], "end": "net"},
    height=300,
)
