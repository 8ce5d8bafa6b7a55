"""Where every landed row went."""

from serving.reports.formats import plural
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Legend, Source


def build(source: Source) -> Chart | Empty:
    """Stacked bars by source: current, superseded, quarantined."""
    if not source.rows:
        return Empty("No row counts are recorded for this release.")
    odd = [
        row["source"]
        for row in source.rows
        if row["bronze_rows"] != row["current_rows"] + row["superseded_rows"] + row["quarantined_rows"]
    ]
    landed = plural(sum(row["bronze_rows"] for row in source.rows), "row")
    title = f"Not every row is accounted for: {', '.join(odd)}" if odd else f"Every one of {landed} is accounted for"
    bars = (
        ("current_rows", "Current", "--bar-strong"),
        ("superseded_rows", "Superseded", "--bar"),
        ("quarantined_rows", "Quarantined", "--alarm"),
    )
    return Chart(
        answer=Answer(title, f"Landed rows by source: {title}."),
        columns=(
            Column("source", "Source", "text"),
            Column("bronze_rows", "Landed", "count"),
            Column("current_rows", "Current", "count"),
            Column("superseded_rows", "Superseded", "count"),
            Column("quarantined_rows", "Quarantined", "count"),
        ),
        traces=[
            {
                "type": "bar",
                "orientation": "h",
                "name": label,
                "y": "text:source",
                "x": f"@{name}",
                "marker": {"color": f"var({color})"},
                "hovertemplate": f"{label}: %{{x:,}}<extra></extra>",
            }
            for name, label, color in bars
        ],
        layout={
            "barmode": "stack",
            "hovermode": "closest",
            "xaxis": {"showgrid": True, "tickformat": "~s"},
            "yaxis": {
                "type": "category",
                "autorange": "reversed",
                "showgrid": False,
                "dtick": 1,
                "tickformat": "",
            },
        },
        legend=tuple(Legend(label, color, "bar") for _, label, color in bars),
        unit="rows",
        note="Landed = current + superseded by a later row + quarantined.",
    )


CHART = ChartSpec(
    page="quality", order=30, question="Where did every landed row go?", dataset="conservation", build=build
)
