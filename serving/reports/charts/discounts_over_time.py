"""How deep are the discounts?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="finance",
    order=75,
    question="How deep are the discounts?",
    kind="trend",
    measures=("discount_rate",),
    options={"money": False},
)
