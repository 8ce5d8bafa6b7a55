"""Net revenue by day, against the period before."""

from serving.reports.formats import change, money
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Legend, Source
from serving.reports.periods import Range


def build(source: Source) -> Chart | Empty:
    """Bars by day, a seven-day mean, and the mean of the range before as a dotted line."""
    if not source.rows:
        return Empty("No orders yet. Net revenue shows from the first day with an order.")
    currency = source.release.currency
    hover = f": {currency} %{{customdata}}<extra></extra>"
    return Chart(
        answers={item.key: _answer(item, currency) for item in source.periods.ranges},
        columns=(
            Column("date", "Date", "date"),
            Column("orders", "Orders", "count"),
            Column("sold", "Sold", "money"),
            Column("refunds", "Refunds", "money"),
            Column("net_revenue", "Net revenue", "money"),
            Column("net_mean_7d", "7-day mean", "money"),
        ),
        traces=[
            {
                "type": "bar",
                "name": "Net revenue",
                "x": "@date",
                "y": "@net_revenue",
                "customdata": "text:net_revenue",
                "marker": {"color": "var(--bar)"},
                "hovertemplate": f"Net revenue{hover}",
            },
            {
                "type": "scatter",
                "mode": "lines",
                "name": "7-day mean, period before",
                "x": "@date",
                "y": "before:net_mean_7d",
                "customdata": "textbefore:net_mean_7d",
                "line": {"color": "var(--muted)", "width": 1.5, "dash": "dot"},
                "hovertemplate": f"7-day mean, period before{hover}",
            },
            {
                "type": "scatter",
                "mode": "lines",
                "name": "7-day mean",
                "x": "@date",
                "y": "@net_mean_7d",
                "customdata": "text:net_mean_7d",
                "line": {"color": "var(--series-1)", "width": 2.5},
                "hovertemplate": f"7-day mean{hover}",
            },
        ],
        legend=(
            Legend("Net revenue", "--bar", "bar"),
            Legend("7-day mean", "--series-1", "line", trace=2),
            Legend("7-day mean, period before", "--muted", "dotted", trace=1),
        ),
        unit=currency,
        note="Net revenue = gross revenue less discounts, taxes and refunds. Sold is the same before refunds. "
        "Sales count on the order date, refunds on the return date.",
        height=320,
    )


def _answer(item: Range, currency: str) -> Answer:
    net = item.now.net_revenue
    moved = change(net, item.before.net_revenue) if item.before else None
    title = f"{money(net, currency)} in {item.words}"
    if moved:
        title += f", {moved.against(item.before_words)}"
    mean = money(net / item.days, currency)
    return Answer(title, f"Net revenue by day: {title}; {mean} a day on average. The table below holds every day.")


CHART = ChartSpec(
    page="overview",
    order=10,
    question="Net revenue by day",
    dataset="revenue_daily",
    build=build,
    ranged=True,
    wide=True,
)
