"""Which products to reorder first."""

from serving.reports.formats import grouped, plural
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Legend, Source

SHOWN = 12


def build(source: Source) -> Chart | Empty:
    """A bar per open alert, the largest shortfall first."""
    if not source.rows:
        return Empty("No open alerts: every product is at or above its reorder point.")
    colors = ["var(--alarm)" if row["severity"] == "stockout" else "var(--warn)" for row in source.rows[:SHOWN]]
    alerts, out = len(source.rows), sum(row["severity"] == "stockout" for row in source.rows)
    title = f"{plural(alerts, 'product')} to reorder, {grouped(out) if out else 'none'} of which ran out"
    first = source.rows[0]
    note = (
        "Shortfall: reorder point less what is available (on hand less allocated). "
        "Ran out: nothing was available on at least one day of the alert."
    )
    if alerts > SHOWN:
        note = f"The {SHOWN} largest of {alerts}; the table holds all. {note}"
    return Chart(
        answer=Answer(
            title,
            f"Open stock alerts by shortfall: {title}. The largest is {first['product_name']}, "
            f"{plural(first['shortfall'], 'unit')} short.",
        ),
        columns=(
            Column("product_name", "Product", "text"),
            Column("product_id", "SKU", "text"),
            Column("severity_label", "Severity", "text"),
            Column("opened_on", "Open since", "date"),
            Column("days_open", "Days", "count"),
            Column("available", "Available", "count"),
            Column("reorder_point", "Reorder point", "count"),
            Column("shortfall", "Shortfall", "count"),
        ),
        traces=[
            {
                "type": "bar",
                "orientation": "h",
                "showlegend": False,
                "x": "@shortfall",
                "y": "#row",
                "text": "text:shortfall",
                "textposition": "outside",
                "cliponaxis": False,
                "customdata": "text:product_name",
                "marker": {"color": colors},
                "hovertemplate": "%{customdata}: %{text} short<extra></extra>",
            }
        ],
        layout={
            "hovermode": "closest",
            # Room behind the longest bar for its own figure, on a phone too.
            "xaxis": {"showgrid": False, "showticklabels": False, "range": [0, first["shortfall"] * 1.3]},
            "yaxis": {
                "tickvals": "#row",
                "ticktext": "short:product_name",
                "autorange": "reversed",
                "showgrid": False,
            },
        },
        legend=(Legend("Ran out", "--alarm", "bar"), Legend("Below reorder point", "--warn", "bar")),
        note=note,
        limit=SHOWN,
        height=max(160, 40 + 26 * min(alerts, SHOWN)),
    )


CHART = ChartSpec(
    page="overview",
    order=60,
    question="What should be reordered first, by units short?",
    dataset="open_alerts",
    build=build,
    wide=True,
)
