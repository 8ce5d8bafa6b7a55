"""How much of the revenue hangs on how few products."""

from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Legend, Source
from serving.reports.pareto import told


def build(source: Source) -> Chart | Empty:
    """Two bars a class: its share of products beside its share of net revenue."""
    if not source.rows:
        return Empty("No product has been sold yet.")
    title = told(source.rows[0], source.rows)
    bars = (("product_share", "Share of products", "--bar"), ("revenue_share", "Share of net revenue", "--bar-strong"))
    return Chart(
        answer=Answer(title, f"Products by ABC class: {title}."),
        columns=(
            Column("abc_class", "Class", "text"),
            Column("products", "Products", "count"),
            Column("net_revenue", "Net revenue", "money"),
            Column("product_share", "Share of products", "share"),
            Column("revenue_share", "Share of net revenue", "share"),
        ),
        traces=[
            {
                "type": "bar",
                "name": label,
                "x": "@abc_class",
                "y": f"@{name}",
                "customdata": f"text:{name}",
                "marker": {"color": f"var({color})"},
                "hovertemplate": f"{label}: %{{customdata}}<extra></extra>",
            }
            for name, label, color in bars
        ],
        layout={"barmode": "group", "xaxis": {"type": "category"}, "yaxis": {"tickformat": ".0%"}},
        legend=tuple(Legend(label, color, "bar") for _, label, color in bars),
        note="Class A: the products that make up the first 80% of net revenue, B the next 15%, C the rest.",
    )


CHART = ChartSpec(
    page="products", order=70, question="Does revenue hang on few products?", dataset="abc_classes", build=build
)
