"""Which stock-outs cost most."""

from serving.reports.bars import ranked
from serving.reports.formats import grouped, money
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Source


def build(source: Source) -> Chart | Empty:
    """Bars by product: estimated revenue lost in 13 months."""
    if not source.rows:
        return Empty("No stock-out of the last 13 months cost a sale that can be estimated.")
    first, currency = source.rows[0], source.release.currency
    lost, days = money(first["lost_revenue"], currency), grouped(first["days_out"])
    title = f"{first['product_name']} lost about {lost} on {days} days"
    return ranked(
        source.rows,
        Answer(title, f"Products by estimated lost revenue, last 13 months: {title}."),
        (
            Column("product_name", "Product", "text"),
            Column("days_out", "Days out", "count"),
            Column("lost_units", "Lost units, estimated", "count"),
            Column("lost_revenue", "Lost, estimated", "money"),
        ),
        "product_name",
        "lost_revenue",
        unit=currency,
        color="--alarm",
        note="Estimated, over the last 13 months, from the pace of days in stock.",
    )


CHART = ChartSpec(
    page="inventory", order=50, question="Which stock-outs cost most?", dataset="lost_products", build=build
)
