"""Why rows are kept out."""

from serving.reports.bars import ranked
from serving.reports.formats import plural
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Source


def build(source: Source) -> Chart | Empty:
    """Bars by source and reason."""
    if not source.rows:
        return Empty("No row is held back: quarantine is empty.")
    rows = source.rows
    title = (
        f"{rows[0]['reason']} in {rows[0]['source']} is the most frequent reason: {plural(rows[0]['held_rows'], 'row')}"
    )
    return ranked(
        rows,
        Answer(title, f"Rows held back by reason: {title}."),
        (Column("reason", "Reason", "text"), Column("source", "Source", "text"), Column("held_rows", "Rows", "count")),
        "reason",
        "held_rows",
        unit="rows",
        color="--alarm",
        note="A row with several reasons counts under each. `tillhouse quarantine list` shows the rows.",
    )


CHART = ChartSpec(
    page="quality", order=40, question="Why are rows kept out?", dataset="quarantine_reasons", build=build
)
