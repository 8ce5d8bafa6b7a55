"""How much is booked and not yet delivered."""

from serving.reports.formats import day, money
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Legend, Source


def build(source: Source) -> Chart | Empty:
    """A line of the level at the end of each day."""
    if not source.rows:
        return Empty("Nothing is booked yet.")
    last, currency = source.rows[-1], source.release.currency
    title = f"{money(last['deferred'], currency)} is booked and not yet delivered at the end of {day(last['date'])}"
    if any(row["residual"] for row in source.rows):
        title += "; on some day the bridge leaves a residual"
    return Chart(
        answer=Answer(title, f"Booked and not yet delivered by day: {title}."),
        columns=(
            Column("date", "Date", "date"),
            Column("booked_net", "Booked", "money"),
            Column("recognized_net", "Recognised", "money"),
            Column("deferred", "Not yet delivered", "money"),
            Column("residual", "Residual", "money"),
        ),
        traces=[
            {
                "type": "scatter",
                "mode": "lines",
                "x": "@date",
                "y": "@deferred",
                "customdata": "text:deferred",
                "line": {"color": "var(--series-1)", "width": 2.5},
                "hovertemplate": "%{customdata}<extra></extra>",
            }
        ],
        legend=(Legend("Booked, not delivered", "--series-1", "line"),),
        unit=currency,
        note="A level at the end of a day: it does not add up over days, and is known for the whole shop only.",
    )


CHART = ChartSpec(
    page="finance",
    order=40,
    question="How much is booked and not yet delivered?",
    dataset="deferred_daily",
    build=build,
    ranged=True,
)
