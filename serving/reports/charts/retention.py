"""How many new customers come back."""

from decimal import Decimal

from serving.reports.cohorts import LEGEND, NOT_FINAL, bars, latest_final
from serving.reports.formats import grouped, rounded
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Source
from serving.reports.query import Row


def build(source: Source) -> Chart | Empty:
    """Bars by month of first order: the share with another order in 7, 30 and 90 days."""
    if not source.rows:
        return Empty("No customer has ordered yet. Guests, who have no account, are in no cohort.")
    return Chart(
        answer=_answer(source.rows),
        columns=(
            Column("cohort_month", "First order in", "month"),
            Column("customers", "Customers", "count"),
            Column("retention_7", "Back in 7 days", "share"),
            Column("final_7", "State", "flag"),
            Column("retention_30", "Back in 30 days", "share"),
            Column("final_30", "State", "flag"),
            Column("retention_90", "Back in 90 days", "share"),
            Column("final_90", "State", "flag"),
        ),
        traces=bars(source.rows, "retention", ""),
        layout={"yaxis": {"tickformat": ".0%"}, "barmode": "group"},
        legend=LEGEND,
        note=f"Share of a month's new customers with another order on a later date inside the window. {NOT_FINAL}",
    )


def _answer(rows: list[Row]) -> Answer:
    found = latest_final(rows)
    if found is None:
        return Answer(
            "Too early to say how many customers come back",
            "Customer retention by month of first order: no month is final in any window yet.",
        )
    days, final = found
    last = final[-1]
    name = f"retention_{days}"
    title = f"{_percent(last, name)} of customers new in {last['cohort_month']:%B %Y} came back within {days} days"
    if len(final) > 1:
        title += f", {_percent(final[-2], name)} in the month before"
    return Answer(title, f"Customer retention by month of first order: {title}. {NOT_FINAL}")


def _percent(row: Row, name: str) -> str:
    return f"{grouped(rounded(Decimal(str(row[name])) * 100, 0))}%"


CHART = ChartSpec(
    page="customers", order=30, question="Do new customers come back?", dataset="cohort_windows", build=build
)
