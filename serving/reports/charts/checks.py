"""Which checks the release passed."""

from serving.reports.formats import grouped, plural
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Legend, Source


def build(source: Source) -> Chart | Empty:
    """One bar a severity, passed beside failed."""
    if not source.rows:
        return Empty("No check of this run is recorded.")
    kinds = sorted({row["severity"] for row in source.rows})
    failed = [row for row in source.rows if row["status"] == "failed"]
    title = f"{grouped(len(source.rows) - len(failed))} of {plural(len(source.rows), 'check')} passed"
    if failed:
        title += f"; failed: {', '.join(dict.fromkeys(row['check_name'] for row in failed))}"
    return Chart(
        answer=Answer(title, f"Checks of the run that made this release: {title}."),
        columns=(
            Column("check_name", "Check", "text"),
            Column("table_name", "Table", "text"),
            Column("severity", "Severity", "text"),
            Column("status", "Status", "text"),
            Column("observed", "Observed", "text"),
            Column("threshold", "Threshold", "text"),
        ),
        traces=[
            {
                "type": "bar",
                "orientation": "h",
                "name": status,
                "y": kinds,
                "x": [
                    sum(row["severity"] == kind and row["status"] == status for row in source.rows) for kind in kinds
                ],
                "marker": {"color": f"var({color})"},
                "hovertemplate": f"{status}: %{{x}}<extra></extra>",
            }
            for status, color in (("passed", "--bar-strong"), ("failed", "--alarm"))
        ],
        layout={
            "barmode": "stack",
            "hovermode": "closest",
            "yaxis": {"type": "category", "showgrid": False, "tickformat": "", "rangemode": "normal"},
            "xaxis": {"showgrid": True},
        },
        legend=(Legend("Passed", "--bar-strong", "bar"), Legend("Failed", "--alarm", "bar")),
        note="A blocking check that fails stops the release, so none is failed here; a warning tells.",
        height=180,
    )


CHART = ChartSpec(
    page="quality", order=20, question="Which checks did the release pass?", dataset="checks", build=build
)
