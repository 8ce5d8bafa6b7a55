"""Whether runs end well, and how long they take."""

from serving.reports.formats import plural
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Legend, Source


def build(source: Source) -> Chart | Empty:
    """Bars by run, the newest first; one that did not release is set apart."""
    if not source.rows:
        return Empty("This is the first run: none before it has ended.")
    bad = sum(row["status"] in ("stopped", "failed") for row in source.rows)
    title = f"{plural(bad, 'run') if bad else 'None'} of the last {len(source.rows)} stopped or failed"
    rows = source.rows[:15]
    return Chart(
        answer=Answer(title, f"Runs before this release: {title}."),
        columns=(
            Column("run_id", "Run", "text"),
            Column("day", "Day", "date"),
            Column("command", "Command", "text"),
            Column("status", "Ended", "text"),
            Column("rows_out", "Rows written", "count"),
            Column("held", "Held back", "count"),
            Column("seconds", "Seconds", "count"),
        ),
        traces=[
            {
                "type": "bar",
                "orientation": "h",
                "x": "@seconds",
                "y": "#row",
                "text": "text:seconds",
                "textposition": "outside",
                "cliponaxis": False,
                "customdata": "text:run_id",
                "marker": {
                    "color": [
                        "var(--alarm)" if row["status"] in ("stopped", "failed") else "var(--bar-strong)"
                        for row in rows
                    ]
                },
                "hovertemplate": "%{customdata}: %{text} s<extra></extra>",
            }
        ],
        layout={
            "hovermode": "closest",
            "xaxis": {"showticklabels": False, "range": [0, max(row["seconds"] for row in rows) * 1.35 or 1]},
            "yaxis": {
                "tickvals": "#row",
                "ticktext": "short:run_id",
                "autorange": "reversed",
                "showgrid": False,
                "tickformat": "",
            },
        },
        legend=(Legend("Ended well", "--bar-strong", "bar"), Legend("Stopped or failed", "--alarm", "bar")),
        unit="seconds",
        limit=15,
        height=max(140, 44 + 28 * len(rows)),
        note="Runs that ended before the one of this release.",
    )


CHART = ChartSpec(page="quality", order=10, question="Do the runs end well?", dataset="runs", build=build)
