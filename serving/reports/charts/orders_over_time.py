"""How many orders come in?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="overview",
    order=30,
    question="How many orders come in?",
    kind="trend",
    measures=("orders",),
    options={"mark": "bar", "cube": "orders", "money": False},
    note="Orders that bear revenue, each counted once.",
)
