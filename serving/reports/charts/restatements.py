"""Which published figures changed afterwards."""

from decimal import Decimal

from serving.reports.formats import day, money, plural
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Source


def build(source: Source) -> Chart | Empty:
    """Bars by date of the changes to net revenue; every change stands in the table with its causes."""
    if not source.rows:
        return Empty("No figure of a published date has changed since: nothing was restated.")
    currency = source.release.currency
    net: dict[str, Decimal] = {}
    for row in source.rows:
        if row["measure"] == "net_revenue" and row["difference"] is not None:
            key = row["date"].isoformat()
            net[key] = net.get(key, Decimal(0)) + row["difference"]
    latest = source.rows[0]
    title = (
        f"Net revenue of {plural(len(net), 'published date')} moved by "
        f"{money(sum(net.values(), Decimal(0)), currency)} in all; "
        f"release {latest['release_id']} was the last to restate"
    )
    days = sorted(net)
    return Chart(
        answer=Answer(title, f"Restatements: {title}. The last is of {day(latest['date'])}, for {latest['causes']}."),
        columns=(
            Column("date", "Date", "date"),
            Column("release_id", "Release", "count"),
            Column("measure", "Figure", "text"),
            Column("old_value", "Was", "text"),
            Column("new_value", "Is", "text"),
            Column("difference", "Difference", "money"),
            Column("causes", "Why", "text"),
        ),
        traces=[
            {
                "type": "bar",
                "x": days,
                "y": [float(net[key]) for key in days],
                "marker": {"color": "var(--bar-strong)"},
                "hovertemplate": "%{x}: %{y:,.2f}<extra></extra>",
            }
        ],
        layout={"hovermode": "closest", "xaxis": {"type": "date"}},
        unit=currency,
        note="By the date whose net revenue changed after it was published. The table holds every figure and why.",
    )


CHART = ChartSpec(
    page="finance",
    order=90,
    question="Which published figures changed afterwards, and why?",
    dataset="restatements",
    build=build,
    wide=True,
)
