"""How far is recognised revenue from booked?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="finance",
    order=20,
    question="How far is recognised revenue from booked?",
    kind="trend",
    measures=("net", "recognized"),
    options={"cube": "daily"},
    note="Booked: on the order date. Recognised: on the delivery date, nothing before it. Refunds fall on the "
    "return date on both.",
    height=300,
)
