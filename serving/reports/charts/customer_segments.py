"""Which customers the revenue hangs on."""

from serving.reports.bars import ranked
from serving.reports.formats import grouped, money
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Source


def build(source: Source) -> Chart | Empty:
    """Bars by segment: net revenue of its customers."""
    if not source.rows:
        return Empty("No customer is known yet.")
    first, currency = source.rows[0], source.release.currency
    title = f"{first['segment']}: {grouped(first['customers'])} customers with {money(first['net_revenue'], currency)}"
    if first["revenue_share"] is not None:
        title += f", {first['revenue_share']:.0%} of all customers' revenue"
    return ranked(
        source.rows,
        Answer(title, f"Customer segments by net revenue: {title}."),
        (
            Column("segment", "Segment", "text"),
            Column("customers", "Customers", "count"),
            Column("orders", "Orders", "count"),
            Column("net_revenue", "Net revenue", "money"),
            Column("revenue_share", "Share", "share"),
            Column("avg_recency_days", "Days since last order", "count"),
        ),
        "segment",
        "net_revenue",
        unit=currency,
        note="By recency, frequency and money as of the last day. Guests are in no segment.",
    )


CHART = ChartSpec(
    page="customers",
    order=50,
    question="Which customers does revenue hang on?",
    dataset="customer_segments",
    build=build,
    wide=True,
)
