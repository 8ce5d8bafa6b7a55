"""What is bought together."""

from decimal import Decimal

from serving.reports.bars import ranked
from serving.reports.formats import grouped, rounded
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Source


def build(source: Source) -> Chart | Empty:
    """Bars by pair: how much more often together than by chance."""
    if not source.rows:
        return Empty("No two products were bought together often enough to say.")
    first = source.rows[0]
    title = f"{first['pair']}: {grouped(rounded(Decimal(first['lift']), 1))} times as often together as by chance"
    return ranked(
        source.rows,
        Answer(title, f"Pairs of products by lift: {title}, in {grouped(first['orders_together'])} orders."),
        (
            Column("pair", "Pair", "text"),
            Column("orders_together", "Orders", "count"),
            Column("lift", "Lift", "count"),
            Column("support", "Of all orders", "share"),
            Column("confidence_ab", "Second with first", "share"),
            Column("confidence_ba", "First with second", "share"),
        ),
        "pair",
        "lift",
        note="Lift 1 is chance. Pairs in few orders are left out by the setting min_pair_orders.",
        limit=10,
    )


CHART = ChartSpec(page="products", order=90, question="What is bought together?", dataset="product_pairs", build=build)
