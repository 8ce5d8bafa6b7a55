"""Which products come back most."""

from serving.reports.bars import ranked
from serving.reports.formats import grouped, percent
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Source


def build(source: Source) -> Chart | Empty:
    """Bars by product: returned units of units sold."""
    if not source.rows:
        return Empty("No product with 20 units sold or more has come back.")
    first = source.rows[0]
    title = (
        f"{first['product_name']} comes back most: {percent(first['return_rate'])} of {grouped(first['units'])} units"
    )
    return ranked(
        source.rows,
        Answer(title, f"Products by share of units returned: {title}."),
        (
            Column("product_name", "Product", "text"),
            Column("category", "Category", "text"),
            Column("units", "Units", "count"),
            Column("refunds", "Refunds", "money"),
            Column("return_rate", "Units back", "share"),
        ),
        "product_name",
        "return_rate",
        color="--alarm",
        note="Products with 20 units sold or more, so that one return is no rate.",
    )


CHART = ChartSpec(
    page="products", order=80, question="Which products come back most?", dataset="returned_products", build=build
)
