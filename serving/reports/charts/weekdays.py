"""Which weekdays sell best?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="sales",
    order=60,
    question="Which weekdays sell best?",
    kind="weekday",
    measures=("net",),
    wide=True,
)
