"""Which segments do sales come from?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="customers",
    order=20,
    question="Which segments do sales come from?",
    kind="stack",
    measures=("net",),
    by="segment",
    note="Segments are those of today, also for sales of before.",
    height=300,
)
