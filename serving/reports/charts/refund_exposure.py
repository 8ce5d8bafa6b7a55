"""What may still come back."""

from serving.reports.bars import ranked
from serving.reports.formats import money
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Source


def build(source: Source) -> Chart | Empty:
    """Bars by category: refunds expected of what is inside its window."""
    if not source.rows:
        return Empty("Nothing delivered is still inside its refund window.")
    currency = source.release.currency
    held = sum(row["open_net"] for row in source.rows)
    known = [row["expected_refunds"] for row in source.rows if row["expected_refunds"] is not None]
    title = f"{money(held, currency)} may still come back"
    if known:
        title += f"; about {money(sum(known), currency)} is expected to"
    return ranked(
        source.rows,
        Answer(title, f"Refund exposure by category: {title}."),
        (
            Column("category", "Category", "text"),
            Column("lines", "Lines", "count"),
            Column("open_net", "Inside the window", "money"),
            Column("refund_rate", "Rate of 90 days", "share"),
            Column("expected_refunds", "Expected, estimated", "money"),
        ),
        "category",
        "expected_refunds",
        unit=currency,
        color="--warn",
        note="Estimated: what is delivered and inside its window, times the category's refund rate of 90 days.",
    )


CHART = ChartSpec(
    page="finance", order=80, question="What may still come back?", dataset="refund_exposure", build=build
)
