"""How does what is sold move, before refunds?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="sales",
    order=10,
    question="How does what is sold move, before refunds?",
    kind="trend",
    measures=("sold",),
    options={"mark": "bar"},
    note="Sold: gross less discounts and taxes. Returns show on the Finance page, not netted away.",
    wide=True,
    height=300,
)
