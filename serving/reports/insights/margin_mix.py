"""Whether the margin moved by prices and costs, or by what is sold."""

from decimal import Decimal

from serving.reports.formats import MINUS, grouped, percent
from serving.reports.model import Insight
from serving.reports.query import Row
from serving.reports.release import Release


def say(rows: list[Row], _release: Release) -> list[str]:
    """The margin of 91 days beside the 91 before, split into the categories' own margins and their mix."""
    net_now, net_before = _sum(rows, "net_now"), _sum(rows, "net_before")
    if net_now <= 0 or net_before <= 0 or any(row["net_now"] < 0 or row["net_before"] < 0 for row in rows):
        return []
    now, before = _sum(rows, "profit_now") / net_now, _sum(rows, "profit_before") / net_before
    # What the margin would be with the mix of now and each category's margin of before.
    mixed = sum(
        (
            (row["net_now"] / net_now) * (row["profit_before"] / row["net_before"] if row["net_before"] else before)
            for row in rows
        ),
        Decimal(0),
    )
    said = [
        f"The margin was {percent(now)} in the last 91 days, {_points(now - before)} on the 91 before "
        f"({percent(before)}): {_points(mixed - before)} from what was sold, {_points(now - mixed)} from what it "
        "earned."
    ]
    known = [row for row in rows if row["net_now"] / net_now >= Decimal("0.05")]
    if len(known) > 1:
        best = max(known, key=lambda row: row["profit_now"] / row["net_now"])
        worst = min(known, key=lambda row: row["profit_now"] / row["net_now"])
        said.append(
            f"Of the categories with at least 5% of net revenue, {best['category']} earns most "
            f"({percent(best['profit_now'] / best['net_now'])}) and {worst['category']} least "
            f"({percent(worst['profit_now'] / worst['net_now'])})."
        )
    return said


def _sum(rows: list[Row], name: str) -> Decimal:
    return sum((row[name] for row in rows), Decimal(0))


def _points(value: Decimal) -> str:
    shown = round(value * 100, 2)
    return f"{'+' if shown > 0 else MINUS if shown < 0 else ''}{grouped(abs(shown))} points"


INSIGHT = Insight(order=50, topic="Margin and mix", dataset="category_quarters", say=say)
