"""Which months carry the year."""

from decimal import Decimal

from serving.reports.formats import change, money
from serving.reports.model import Insight
from serving.reports.query import Row
from serving.reports.release import Release

YEAR = 12


def say(rows: list[Row], release: Release) -> list[str]:
    """The strongest and weakest of the last twelve months beside their mean, and the last beside its year before."""
    if len(rows) < YEAR:
        return []
    year = rows[-YEAR:]
    mean = sum((row["net_revenue"] for row in year), Decimal(0)) / YEAR
    best, worst = max(year, key=_net), min(year, key=_net)
    high, low = change(best["net_revenue"], mean), change(worst["net_revenue"], mean)
    if high is None or low is None:
        return []
    said = [
        f"{best['month']:%B %Y} was the strongest of the last twelve whole months with "
        f"{money(best['net_revenue'], release.currency)}, {high.text} on their mean of "
        f"{money(mean, release.currency)}; {worst['month']:%B %Y} the weakest with "
        f"{money(worst['net_revenue'], release.currency)} ({low.text})."
    ]
    last, ago = rows[-1], rows[-YEAR - 1] if len(rows) > YEAR else None
    moved = change(last["net_revenue"], ago["net_revenue"]) if ago else None
    if ago and moved:
        said.append(
            f"{last['month']:%B %Y} brought {money(last['net_revenue'], release.currency)}, "
            f"{moved.against(format(ago['month'], '%B %Y'))}."
        )
    return said


def _net(row: Row) -> Decimal:
    found: Decimal = row["net_revenue"]
    return found


INSIGHT = Insight(order=20, topic="Seasonality", dataset="month_totals", say=say)
