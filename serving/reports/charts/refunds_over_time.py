"""How much is given back?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="finance",
    order=50,
    question="How much is given back?",
    kind="trend",
    measures=("refunds",),
    options={"mark": "bar"},
    note="On the return date, whenever the order was.",
)
