"""Which days stand out?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="sales",
    order=70,
    question="Which days stand out?",
    kind="calendar",
    measures=("net",),
    note="A day below zero, from refunds, shows as zero; the table holds its figure.",
    wide=True,
    height=220,
)
