"""How many of a month's new customers are active in each month after."""

from typing import Any

from serving.reports.formats import grouped, percent
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Legend, Source
from serving.reports.query import Row


def build(source: Source) -> Chart | Empty:
    """A square per month of first order and month since; blank while that month is not over."""
    rows = [row for row in source.rows if row["months_since"] > 0]
    if not any(row["retention"] is not None for row in rows):
        return Empty("No month after a first order is over yet, so nobody can be said to have come back.")
    return Chart(
        answer=_answer(rows),
        columns=(
            Column("cohort_month", "First order in", "month"),
            Column("months_since", "Months since", "count"),
            Column("cohort_size", "Customers", "count"),
            Column("active_customers", "Active", "count"),
            Column("retention", "Share active", "share"),
            Column("cumulative_ltv", "Value so far", "money"),
        ),
        traces=[_squares(rows)],
        layout={
            "hovermode": "closest",
            "xaxis": {"dtick": 1, "title": {"text": "months since the first order"}},
            "yaxis": {"type": "category", "autorange": "reversed", "showgrid": False, "dtick": 1, "tickformat": ""},
        },
        legend=(Legend("few", "--heat-0", "bar"), Legend("many active", "--heat-2", "bar")),
        note="Blank: that month is not over. n is the number of customers with their first order in the month; "
        "below 20 a share says little.",
        height=400,
    )


def _squares(rows: list[Row]) -> dict[str, Any]:
    months = sorted({row["cohort_month"] for row in rows})
    ages = range(1, max(row["months_since"] for row in rows) + 1)
    found = {(row["cohort_month"], row["months_since"]): row for row in rows}
    size = {row["cohort_month"]: row["cohort_size"] for row in rows}
    grid = [[found[month, age]["retention"] if (month, age) in found else None for age in ages] for month in months]
    return {
        "type": "heatmap",
        "x": list(ages),
        "y": [f"{month:%b %Y}, n {size[month]}" for month in months],
        "z": grid,
        "text": [["" if value is None else f"{value:.0%}" for value in line] for line in grid],
        "texttemplate": "%{text}",
        "hovertemplate": "%{y}, month %{x}: %{text}<extra></extra>",
        "hoverongaps": False,
        "zmin": 0,
        "xgap": 2,
        "ygap": 2,
        "showscale": False,
        "colorscale": [[0, "var(--heat-0)"], [0.5, "var(--heat-1)"], [1, "var(--heat-2)"]],
    }


def _answer(rows: list[Row]) -> Answer:
    third = [row for row in rows if row["months_since"] == 3 and row["retention"] is not None]
    if not third:
        return Answer(
            "Too early for month 3", "Retention by month of first order: no cohort has lived through month 3."
        )
    size, active = sum(row["cohort_size"] for row in third), sum(row["active_customers"] for row in third)
    title = f"{percent(active / size)} of {grouped(size)} customers were active in the third month after their first"
    return Answer(title, f"Retention by month of first order: {title}, over {len(third)} months.")


CHART = ChartSpec(
    page="customers",
    order=25,
    question="How many customers are still active, month by month?",
    dataset="cohort_triangle",
    build=build,
    wide=True,
)
