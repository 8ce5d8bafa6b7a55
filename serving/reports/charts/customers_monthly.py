"""How many different customers order in a month."""

from serving.reports.formats import change, grouped
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Legend, Source


def build(source: Source) -> Chart | Empty:
    """Stacked bars by month: customers who ordered before, and new ones."""
    rows = [row | {"known": row["customers"] - row["new_customers"]} for row in source.rows]
    if not rows:
        return Empty("No customer has ordered yet.")
    over = [row for row in rows if row["is_over"]]
    last = (over or rows)[-1]
    moved = change(last["customers"], over[-2]["customers"]) if len(over) > 1 else None
    title = f"{grouped(last['customers'])} different customers ordered in {last['month']:%B %Y}"
    title += f", {moved.against('the month before')}" if moved else ""
    bars = (("known", "Ordered before", "--bar-strong"), ("new_customers", "New", "--cat-2"))
    return Chart(
        answer=Answer(title, f"Distinct customers by month: {title}."),
        columns=(
            Column("month", "Month", "month"),
            Column("customers", "Customers", "count"),
            Column("new_customers", "New", "count"),
            Column("is_over", "State", "flag"),
        ),
        traces=[
            {
                "type": "bar",
                "name": label,
                "x": "text:month",
                "y": [row[name] for row in rows],
                "marker": {"color": f"var({color})"},
                "hovertemplate": f"{label}: %{{y}}<extra></extra>",
            }
            for name, label, color in bars
        ],
        layout={"barmode": "stack", "xaxis": {"type": "category"}},
        legend=tuple(Legend(label, color, "bar") for _, label, color in bars),
        note="Distinct customers do not add up over months or filters: each month is counted by itself, without "
        "guests. The last month may not be over.",
    )


CHART = ChartSpec(
    page="customers",
    order=45,
    question="How many different customers order in a month?",
    dataset="customers_monthly",
    build=build,
)
