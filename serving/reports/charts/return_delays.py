"""How long after delivery goods come back."""

from serving.reports.formats import grouped, plural
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Legend, Source


def build(source: Source) -> Chart | Empty:
    """Bars by week after delivery; what came too late for a refund is set apart."""
    if not source.rows:
        return Empty("Nothing has come back yet.")
    rows = [row | {"refunded": row["returns"] - row["without_refund"]} for row in source.rows]
    total, late = sum(row["returns"] for row in rows), sum(row["without_refund"] for row in rows)
    title = f"{grouped(late) if late else 'None'} of {plural(total, 'return')} came too late for a refund"
    bars = (("refunded", "Refunded", "--bar-strong"), ("without_refund", "Too late", "--alarm"))
    return Chart(
        answer=Answer(title, f"Returns by days since delivery: {title}."),
        columns=(
            Column("days", "Days after delivery", "text"),
            Column("returns", "Returns", "count"),
            Column("without_refund", "Too late", "count"),
            Column("refunds", "Refunds", "money"),
        ),
        traces=[
            {
                "type": "bar",
                "name": label,
                "x": "text:days",
                "y": [row[name] for row in rows],
                "marker": {"color": f"var({color})"},
                "hovertemplate": f"{label}: %{{y}}<extra></extra>",
            }
            for name, label, color in bars
        ],
        layout={"barmode": "stack", "xaxis": {"type": "category", "title": {"text": "days after delivery"}}},
        legend=tuple(Legend(label, color, "bar") for _, label, color in bars),
        note="Returns of all days with a delivery before them.",
    )


CHART = ChartSpec(
    page="finance",
    order=85,
    question="How long after delivery do goods come back?",
    dataset="return_delays",
    build=build,
)
