"""How does the mix of categories move?"""

from serving.reports.model import ViewSpec

VIEW = ViewSpec(
    page="products",
    order=30,
    question="How does the mix of categories move?",
    kind="stack",
    measures=("net",),
    by="category",
    wide=True,
    height=300,
)
