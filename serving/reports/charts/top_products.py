"""Which products bring the money, and what they earn."""

from serving.reports.bars import ranked
from serving.reports.formats import money, plural
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Source


def build(source: Source) -> Chart | Empty:
    """Bars by product, the most net revenue first."""
    if not source.rows:
        return Empty("No product has been sold yet.")
    first, currency = source.rows[0], source.release.currency
    title = f"{first['product_name']} leads with {money(first['net_revenue'], currency)}"
    return ranked(
        source.rows,
        Answer(
            title, f"Products by net revenue over all days: {title}, of {plural(len(source.rows), 'product')} listed."
        ),
        (
            Column("product_name", "Product", "text"),
            Column("product_id", "SKU", "text"),
            Column("category", "Category", "text"),
            Column("abc_class", "Class", "text"),
            Column("orders", "Orders", "count"),
            Column("units", "Units", "count"),
            Column("net_revenue", "Net revenue", "money"),
            Column("profit", "Profit", "money"),
            Column("margin", "Margin", "share"),
            Column("return_rate", "Units back", "share"),
            Column("cumulative_share", "Share so far", "share"),
        ),
        "product_name",
        "net_revenue",
        unit=currency,
        note="Net revenue over all days. Profit and margin are empty where a cost is unknown.",
    )


CHART = ChartSpec(
    page="products", order=60, question="Which products bring the most?", dataset="top_products", build=build
)
