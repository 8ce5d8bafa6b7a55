"""What stock-outs cost, by month."""

from serving.reports.formats import grouped, money
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Legend, Source


def build(source: Source) -> Chart | Empty:
    """Hatched bars, being estimates, by month."""
    if not source.rows:
        return Empty("No product has been out of stock on any day.")
    last, currency = source.rows[-1], source.release.currency
    lost = "an unknown amount" if last["lost_revenue"] is None else f"about {money(last['lost_revenue'], currency)}"
    title = f"{last['month']:%B %Y} lost {lost} over {grouped(last['days_out'])} days out of stock"
    return Chart(
        answer=Answer(title, f"Estimated revenue lost to stock-outs by month: {title}."),
        columns=(
            Column("month", "Month", "month"),
            Column("products", "Products", "count"),
            Column("days_out", "Days out", "count"),
            Column("lost_revenue", "Lost, estimated", "money"),
            Column("unknown", "Products without estimate", "count"),
        ),
        traces=[
            {
                "type": "bar",
                "x": "text:month",
                "y": "@lost_revenue",
                "customdata": "text:lost_revenue",
                "marker": {
                    "color": "var(--alarm)",
                    "line": {"color": "var(--alarm)", "width": 1},
                    "pattern": {"shape": "/", "fillmode": "replace", "size": 6, "solidity": 0.35},
                },
                "hovertemplate": "about %{customdata}<extra></extra>",
            }
        ],
        layout={"xaxis": {"type": "category"}},
        legend=(Legend("Estimated", "--alarm", "hatch"),),
        unit=currency,
        note="Estimated: the product's own pace on its days in stock, times its days out, at list price.",
    )


CHART = ChartSpec(page="inventory", order=40, question="What do stock-outs cost?", dataset="lost_monthly", build=build)
