"""What a new customer is worth after 7, 30 and 90 days."""

from serving.reports.cohorts import LEGEND, NOT_FINAL, bars, latest_final
from serving.reports.formats import change, money
from serving.reports.model import Answer, Chart, ChartSpec, Column, Empty, Source
from serving.reports.query import Row


def build(source: Source) -> Chart | Empty:
    """Bars by month of first order: net revenue per customer in each window."""
    if not source.rows:
        return Empty("No customer has ordered yet, so there is no lifetime value.")
    currency = source.release.currency
    return Chart(
        answer=_answer(source.rows, currency),
        columns=(
            Column("cohort_month", "First order in", "month"),
            Column("customers", "Customers", "count"),
            Column("ltv_7", "7 days", "money"),
            Column("final_7", "State", "flag"),
            Column("ltv_30", "30 days", "money"),
            Column("final_30", "State", "flag"),
            Column("ltv_90", "90 days", "money"),
            Column("final_90", "State", "flag"),
        ),
        traces=bars(source.rows, "ltv", f"{currency} "),
        layout={"barmode": "group"},
        legend=LEGEND,
        unit=currency,
        note=f"Net revenue inside the window, refunds taken off, per customer of the month. {NOT_FINAL}",
    )


def _answer(rows: list[Row], currency: str) -> Answer:
    found = latest_final(rows)
    if found is None:
        return Answer(
            "Too early to say what a customer is worth",
            "Lifetime value by month of first order: no month is final in any window yet.",
        )
    days, final = found
    last = final[-1]
    worth = money(last[f"ltv_{days}"], currency)
    title = f"A customer new in {last['cohort_month']:%B %Y} was worth {worth} after {days} days"
    moved = change(last[f"ltv_{days}"], final[-2][f"ltv_{days}"]) if len(final) > 1 else None
    if moved:
        title += f", {moved.against('the month before')}"
    return Answer(title, f"Lifetime value by month of first order: {title}. {NOT_FINAL}")


CHART = ChartSpec(
    page="customers", order=40, question="What is a new customer worth?", dataset="cohort_windows", build=build
)
