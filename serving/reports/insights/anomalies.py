"""Days unlike their weekday."""

from serving.reports.formats import change, money, weekday
from serving.reports.model import Insight
from serving.reports.query import Row
from serving.reports.release import Release

SAID = 3


def say(rows: list[Row], release: Release) -> list[str]:
    """The days of the last 28 furthest from the median of the same weekday in the eight weeks before."""
    said = []
    for row in rows[:SAID]:
        moved = change(row["net_revenue"], row["median"])
        where = moved.against("the median") if moved else "against a median"
        said.append(
            f"{weekday(row['date'])} brought {money(row['net_revenue'], release.currency)}, {where} of "
            f"{money(row['median'], release.currency)} on that weekday in the eight weeks before."
        )
    if len(rows) > SAID:
        said.append(f"{len(rows) - SAID} more of the last 28 days lie as far outside.")
    return said


INSIGHT = Insight(order=80, topic="Days unlike their weekday", dataset="weekday_anomalies", say=say)
