"""How many customers are still there in month 3."""

from serving.reports.formats import grouped, percent, plural
from serving.reports.model import Insight
from serving.reports.query import Row
from serving.reports.release import Release

LEAST = 20  # customers, below which a share says nothing
MONTH = 3


def say(rows: list[Row], _release: Release) -> list[str]:
    """The newest cohort that has lived through month 3, beside all the cohorts before it."""
    final = [
        row
        for row in rows
        if row["months_since"] == MONTH and row["retention"] is not None and row["cohort_size"] >= LEAST
    ]
    if not final:
        return []
    last, earlier = final[-1], final[:-1]
    said = (
        f"Of {grouped(last['cohort_size'])} customers new in {last['cohort_month']:%B %Y}, "
        f"{percent(1 - last['retention'])} did not order in the third month after"
    )
    if earlier:
        size = sum(row["cohort_size"] for row in earlier)
        gone = size - sum(row["active_customers"] for row in earlier)
        said += (
            f", against {percent(gone / size)} of {grouped(size)} customers of {plural(len(earlier), 'month')} before"
        )
    return [said + "."]


INSIGHT = Insight(order=40, topic="Customers in month 3", dataset="cohort_triangle", say=say)
