"""Which regions gain and lose."""

from serving.reports.formats import change, money, share
from serving.reports.model import Insight
from serving.reports.query import Row
from serving.reports.release import Release


def say(rows: list[Row], release: Release) -> list[str]:
    """The largest region's share, and the regions that moved net revenue most in either direction."""
    known = [row for row in rows if row["region"] != "unknown"]
    whole = sum(row["now"] for row in rows)
    if len(known) < 2 or whole <= 0:
        return []
    first = known[0]
    said = [
        f"{_name(first)} brought {money(first['now'], release.currency)} in the last 91 days, "
        f"{share(first['now'], whole)} of net revenue{_moved(first)}."
    ]
    gains = sorted(known, key=lambda row: row["now"] - row["before"])
    up, down = gains[-1], gains[0]
    if up["now"] > up["before"] and down["now"] < down["before"]:
        said.append(
            f"{_name(up)} gained most, {money(up['now'] - up['before'], release.currency)} more than on the same "
            f"weekdays before; {_name(down)} lost most, {money(down['before'] - down['now'], release.currency)} less."
        )
    return said


def _name(row: Row) -> str:
    return f"{row['region']} ({row['country']})"


def _moved(row: Row) -> str:
    found = change(row["now"], row["before"])
    return f", {found.against('the 91 days before')}" if found else ""


INSIGHT = Insight(order=30, topic="Regions", dataset="region_quarters", say=say)
