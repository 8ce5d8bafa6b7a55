"""Whether the stock gets better or worse."""

from serving.reports.formats import day, grouped, plural
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Legend, Source


def build(source: Source) -> Chart | Empty:
    """Two stacked areas: products out of stock, and below their reorder point."""
    if not source.rows:
        return Empty("No stock movements yet. Stock shows from the first one.")
    last = source.rows[-1]
    short = last["out_of_stock"] + last["below_reorder"]
    title = f"{grouped(short)} of {plural(last['products'], 'product')} below reorder point on {day(last['date'])}"
    if len(source.rows) > 30:
        earlier = source.rows[-31]
        title += f", {grouped(earlier['out_of_stock'] + earlier['below_reorder'])} thirty days before"
    area = {"type": "scatter", "mode": "lines", "stackgroup": "stock", "x": "@date"}
    return Chart(
        answers={
            "all": Answer(
                title,
                f"Products short of stock by day: {title}. "
                f"{grouped(last['out_of_stock'])} of them have nothing available.",
            )
        },
        columns=(
            Column("date", "Date", "date"),
            Column("products", "Products", "count"),
            Column("out_of_stock", "Out of stock", "count"),
            Column("below_reorder", "Below reorder point", "count"),
        ),
        traces=[
            {
                **area,
                "y": f"@{name}",
                "line": {"color": f"var({color})", "width": 1, "shape": "hv"},
                "fillcolor": f"var({color})",
                "hovertemplate": f"{label}: %{{y}}<extra></extra>",
            }
            for name, label, color in (
                ("out_of_stock", "Out of stock", "--alarm"),
                ("below_reorder", "Below reorder point", "--warn"),
            )
        ],
        legend=(Legend("Out of stock", "--alarm", "bar"), Legend("Below reorder point", "--warn", "bar")),
        note="Out of stock: nothing available after allocations. Each product counts once.",
    )


CHART = ChartSpec(
    page="overview",
    order=70,
    question="Products short of stock",
    dataset="stock_daily",
    build=build,
    ranged=True,
)
