"""How much of the revenue hangs on how few products."""

from serving.reports.model import Insight
from serving.reports.pareto import told
from serving.reports.query import Row
from serving.reports.release import Release

RULE = 0.2
LEAST = 10  # products, below which a share says nothing


def say(rows: list[Row], _release: Release) -> list[str]:
    """Class A beside the fifth of products that a Pareto rule expects."""
    products = sum(row["products"] for row in rows)
    first = next((row for row in rows if row["abc_class"] == "A"), None)
    if first is None or products < LEAST:
        return []
    share = first["product_share"]
    shape = "in line with" if round(share, 2) == RULE else f"{'more' if share < RULE else 'less'} concentrated than"
    return [f"{told(first, rows)}, {shape} the rule of thumb of 20% bringing 80%."]


INSIGHT = Insight(order=10, topic="Concentration", dataset="abc_classes", say=say)
