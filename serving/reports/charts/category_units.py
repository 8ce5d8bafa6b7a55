"""How many units leave?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="products",
    order=40,
    question="How many units leave?",
    kind="trend",
    measures=("units",),
    options={"mark": "bar", "money": False},
    note="Units ordered, before returns.",
)
