"""What explains booked against recognised?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="finance",
    order=30,
    question="What explains booked against recognised?",
    kind="waterfall",
    measures=("net", "not_delivered", "from_before"),
    options={"signs": [1, -1, 1], "end": "recognized", "cube": "daily"},
    note="Booked, less what was not delivered on its day, plus what was delivered from before, is recognised: "
    "to the cent, on every day.",
    height=300,
)
