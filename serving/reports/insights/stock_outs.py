"""What stock-outs cost."""

from serving.reports.formats import change, grouped, money
from serving.reports.model import Insight
from serving.reports.query import Row
from serving.reports.release import Release


def say(rows: list[Row], release: Release) -> list[str]:
    """The last month that is over, beside the one before; an estimate, and said so."""
    over = [row for row in rows if (row["month"].year, row["month"].month) < (release.as_of.year, release.as_of.month)]
    if not over or over[-1]["lost_revenue"] is None:
        return []
    last = over[-1]
    moved = change(last["lost_revenue"], over[-2]["lost_revenue"]) if len(over) > 1 else None
    said = (
        f"Stock-outs cost an estimated {money(last['lost_revenue'], release.currency)} of sales in "
        f"{last['month']:%B %Y}, over {grouped(last['days_out'])} days out of stock of "
        f"{grouped(last['products'])} products"
    )
    if moved:
        said += f", {moved.against(format(over[-2]['month'], '%B'))}"
    if last["unknown"]:
        said += f"; {grouped(last['unknown'])} of those products had no day in stock to go by and are not in it"
    return [said + "."]


INSIGHT = Insight(order=60, topic="Stock-outs and lost sales", dataset="lost_monthly", say=say)
