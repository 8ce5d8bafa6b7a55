"""What runs out next."""

from serving.reports.bars import ranked
from serving.reports.formats import plural
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Source


def build(source: Source) -> Chart | Empty:
    """Bars by product: days its stock lasts, the fewest first."""
    if not source.rows:
        return Empty("No product ships, so no stock can be said to last.")
    week = sum(row["days_of_cover"] < 7 for row in source.rows)
    title = f"{plural(week, 'product')} {'has' if week == 1 else 'have'} stock for less than a week"
    return ranked(
        source.rows,
        Answer(title, f"Products by days of cover: {title}. The first is {source.rows[0]['product_name']}."),
        (
            Column("product_name", "Product", "text"),
            Column("available", "Available", "count"),
            Column("reorder_point", "Reorder point", "count"),
            Column("shipped_a_day", "Shipped a day", "count"),
            Column("days_of_cover", "Days of cover", "count"),
        ),
        "product_name",
        "days_of_cover",
        unit="days",
        color="--warn",
        note="Estimated: available units at the pace of the last 30 days.",
    )


CHART = ChartSpec(page="inventory", order=20, question="What runs out next?", dataset="stock_cover", build=build)
