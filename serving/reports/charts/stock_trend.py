"""Whether the stock gets better or worse."""

from serving.reports.formats import day, grouped, plural
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Legend, Source


def build(source: Source) -> Chart | Empty:
    """Stacked bars: products out of stock, and below their reorder point."""
    if not source.rows:
        return Empty("No stock movements yet. Stock shows from the first one.")
    peak = max(row["out_of_stock"] + row["below_reorder"] for row in source.rows)
    if peak == 0:
        return Empty("No product has been short of stock on any day.")
    last = source.rows[-1]
    short = last["out_of_stock"] + last["below_reorder"]
    title = f"{grouped(short)} of {plural(last['products'], 'product')} short of stock on {day(last['date'])}"
    if len(source.rows) > 30:
        earlier = source.rows[-31]
        title += f", against {grouped(earlier['out_of_stock'] + earlier['below_reorder'])} thirty days before"
    return Chart(
        answer=Answer(
            title,
            f"Products short of stock by day: {title}. {grouped(last['out_of_stock'])} of them have nothing available.",
        ),
        columns=(
            Column("date", "Date", "date"),
            Column("products", "Products", "count"),
            Column("out_of_stock", "Out of stock", "count"),
            Column("below_reorder", "Below reorder point", "count"),
        ),
        traces=[
            {
                "type": "bar",
                "name": label,
                "x": "@date",
                "y": f"@{name}",
                "marker": {"color": f"var({color})"},
                "hovertemplate": f"{label}: %{{y}}<extra></extra>",
            }
            for name, label, color in (
                ("out_of_stock", "Out of stock", "--alarm"),
                ("below_reorder", "Below reorder point", "--warn"),
            )
        ],
        layout={"barmode": "stack", "yaxis": {"tickformat": ",d"} | ({"dtick": 1} if peak <= 5 else {})},
        legend=(Legend("Out of stock", "--alarm", "bar"), Legend("Below reorder point", "--warn", "bar")),
        note="Short of stock: nothing available after allocations, or less than the reorder point.",
    )


CHART = ChartSpec(
    page="inventory",
    order=10,
    question="How many products are short of stock?",
    dataset="stock_daily",
    build=build,
    ranged=True,
)
