"""What the cohort charts share: bars by month and window, hatched while a figure can still move."""

from typing import Any

from serving.reports.model import Legend
from serving.reports.query import Row

WINDOWS = (7, 30, 90)
NOT_FINAL = "A hatched bar can still grow: not every customer of that month has lived through the window."
LEGEND = (
    *(Legend(f"{days} days", f"--window-{days}", "bar") for days in WINDOWS),
    Legend("Not final yet", "--muted", "hatch"),
)


def bars(rows: list[Row], measure: str, unit: str) -> list[dict[str, Any]]:
    """One bar trace per window of the columns `<measure>_<days>`; `unit` stands before each figure."""
    return [
        {
            "type": "bar",
            "name": f"{days} days",
            "x": "text:cohort_month",
            "y": f"@{measure}_{days}",
            "customdata": f"text:{measure}_{days}",
            "text": "text:customers",
            "textposition": "none",
            "hovertext": f"text:final_{days}",
            "marker": {
                "color": f"var(--window-{days})",
                "line": {"color": f"var(--window-{days})", "width": 1},
                "pattern": {
                    "shape": ["" if row[f"final_{days}"] else "/" for row in rows],
                    "fillmode": "replace",
                    "size": 6,
                    "solidity": 0.35,
                },
            },
            "hovertemplate": f"{days} days: {unit}%{{customdata}} (%{{text}} customers, %{{hovertext}})<extra></extra>",
        }
        for days in WINDOWS
    ]


def latest_final(rows: list[Row]) -> tuple[int, list[Row]] | None:
    """The longest window in which a month is final, with its final months; None where no month is."""
    for days in reversed(WINDOWS):
        final = [row for row in rows if row[f"final_{days}"]]
        if final:
            return days, final
    return None
