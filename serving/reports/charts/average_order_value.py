"""What an order is worth, by day and over seven days."""

from serving.reports.formats import change, grouped, money, plural
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Legend, Source
from serving.reports.periods import Range


def build(source: Source) -> Chart | Empty:
    """A dot by day and a line over seven days, weighted by orders."""
    if not any(row["orders"] for row in source.rows):
        return Empty("No orders yet. The average order value shows from the first one.")
    currency = source.release.currency
    hover = f": {currency} %{{customdata}}<extra></extra>"
    return Chart(
        answers={item.key: _answer(item, currency) for item in source.periods.ranges},
        columns=(
            Column("date", "Date", "date"),
            Column("orders", "Orders", "count"),
            Column("sold", "Sold", "money"),
            Column("aov", "Average order", "money"),
            Column("aov_7d", "Over 7 days", "money"),
        ),
        traces=[
            {
                "type": "scatter",
                "mode": "markers",
                "name": "By day",
                "x": "@date",
                "y": "@aov",
                "customdata": "text:aov",
                "marker": {"color": "var(--window-30)", "size": 6},
                "hovertemplate": f"That day{hover}",
            },
            {
                "type": "scatter",
                "mode": "lines",
                "name": "Over 7 days",
                "x": "@date",
                "y": "@aov_7d",
                "customdata": "text:aov_7d",
                "line": {"color": "var(--series-1)", "width": 2.5},
                "hovertemplate": f"Over 7 days{hover}",
            },
        ],
        legend=(Legend("By day", "--window-30", "dot"), Legend("Over 7 days", "--series-1", "line", trace=1)),
        unit=currency,
        note="Gross revenue less discounts and taxes, divided by orders; refunds are not taken off. "
        "A day without orders has no value.",
    )


def _answer(item: Range, currency: str) -> Answer:
    if item.now.aov is None:
        return Answer(f"No orders in {item.words}", f"Average order value: there are no orders in {item.words}.")
    title = f"{money(item.now.aov, currency)} an order in {item.words}"
    moved = change(item.now.aov, item.before.aov) if item.before else None
    if moved:
        title += f", {moved.against(item.before_words)}"
    orders = plural(item.now.orders, "order")
    before = f" In {item.before_words}: {grouped(item.before.orders)}." if item.before else ""
    return Answer(title, f"Average order value by day: {title}, over {orders}.{before}")


CHART = ChartSpec(
    page="overview",
    order=20,
    question="Average order value",
    dataset="revenue_daily",
    build=build,
    ranged=True,
)
