"""Net revenue as booked on the order date beside net revenue as recognised on delivery."""

from serving.reports.formats import money
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Legend, Source
from serving.reports.periods import ALL, Periods, Range

FEW_DAYS = 14  # below this a mean over seven days hides more than it shows


def build(source: Source) -> Chart | Empty:
    """Two lines: of seven-day means, or of days where there are few."""
    if not source.rows:
        return Empty("No orders yet, so nothing is booked or recognised.")
    currency = source.release.currency
    few = len(source.rows) < FEW_DAYS
    lines = (
        ("Booked", "net_revenue" if few else "net_mean_7d", "--series-1", "solid"),
        ("Recognised", "recognized_net" if few else "recognized_mean_7d", "--series-2", "dash"),
    )
    return Chart(
        answers={item.key: _answer(item, source.periods, currency) for item in source.periods.ranges},
        columns=(
            Column("date", "Date", "date"),
            Column("net_revenue", "Booked", "money"),
            Column("recognized_net", "Recognised", "money"),
            Column("net_mean_7d", "Booked, 7-day mean", "money"),
            Column("recognized_mean_7d", "Recognised, 7-day mean", "money"),
        ),
        traces=[
            {
                "type": "scatter",
                "mode": "lines+markers" if few else "lines",
                "name": label if few else f"{label}, 7-day mean",
                "x": "@date",
                "y": f"@{column}",
                "customdata": f"text:{column}",
                "line": {"color": f"var({color})", "width": 2.5, "dash": dash},
                "hovertemplate": f"{label}: {currency} %{{customdata}}<extra></extra>",
            }
            for label, column, color, dash in lines
        ],
        legend=tuple(
            Legend(label if few else f"{label}, 7-day mean", color, "line" if dash == "solid" else "dashed")
            for label, _, color, dash in lines
        ),
        unit=currency,
        note="Booked: on the order date. Recognised: on the delivery date, nothing before it. "
        "Refunds fall on the return date on both.",
    )


def _answer(item: Range, periods: Periods, currency: str) -> Answer:
    whole = next(found.now for found in periods.ranges if found.key == ALL)
    waiting = money(whole.net_revenue - whole.recognized_net, currency)
    booked, recognized = money(item.now.net_revenue, currency), money(item.now.recognized_net, currency)
    return Answer(
        f"{waiting} is booked and not yet delivered",
        f"In {item.words} {booked} was booked and {recognized} recognised. Over all days, {waiting} is booked "
        "and not yet delivered.",
    )


CHART = ChartSpec(
    page="overview",
    order=30,
    question="Booked against recognised",
    dataset="revenue_daily",
    build=build,
    ranged=True,
)
