"""Do new or known customers order?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="customers",
    order=10,
    question="Do new or known customers order?",
    kind="trend",
    measures=("returning_orders", "first_orders", "guest_orders"),
    options={"money": False},
    note="First orders make a customer. Guests have no account and are in no cohort.",
    wide=True,
    height=300,
)
