"""What charts of ranked bars share: one bar a row, the rows as the query orders them."""

from typing import Any

from serving.reports.model import Answer, Chart, Column, Legend
from serving.reports.query import Row


def ranked(
    rows: list[Row],
    answer: Answer,
    columns: tuple[Column, ...],
    label: str,
    value: str,
    *,
    unit: str = "",
    color: str = "--bar-strong",
    legend: tuple[Legend, ...] = (),
    note: str = "",
    limit: int = 12,
) -> Chart:
    """Horizontal bars of column `value`, named by column `label`, from zero; the table shows every row."""
    shown = rows[:limit]
    largest = max((float(row[value] or 0) for row in shown), default=0.0)
    least = min(0.0, *(float(row[value] or 0) for row in shown)) if shown else 0.0
    if len(rows) > limit:
        note = f"The first {limit} of {len(rows)}; the table holds all. {note}"
    trace: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "x": f"@{value}",
        "y": "#row",
        "text": f"text:{value}",
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": f"text:{label}",
        "marker": {"color": f"var({color})"},
        "hovertemplate": "%{customdata}: %{text}<extra></extra>",
    }
    return Chart(
        answer=answer,
        columns=columns,
        traces=[trace],
        layout={
            "hovermode": "closest",
            # Room behind the longest bar for its own figure.
            "xaxis": {"showgrid": False, "showticklabels": False, "range": [least * 1.3, largest * 1.35 or 1]},
            "yaxis": {
                "tickvals": "#row",
                "ticktext": f"short:{label}",
                "autorange": "reversed",
                "showgrid": False,
                "zeroline": False,
                "rangemode": "normal",
                "tickformat": "",
            },
        },
        legend=legend,
        note=note,
        unit=unit,
        limit=limit,
        height=max(140, 44 + 28 * len(shown)),
    )
