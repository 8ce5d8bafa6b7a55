"""Every figure of docs/ten-orders.md, beside the gold its files give, and every calculation, worked out."""

import ast
import operator
import re
import shutil
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import pytest

from tests.conftest import ROOT, Databases, Home

PAGE = (ROOT / "docs/ten-orders.md").read_text(encoding="utf-8")
DAYS = {"fct_revenue_daily", "agg_revenue_bridge"}  # the page names only their dates with something to tell
SIGNS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
CALCULATIONS = re.findall(r"`([\d. +x/-]+) = (-?[\d.]+)`", PAGE)

Rows = list[dict[str, object]]


def value(text: str) -> object:
    """A figure as a number, so that 12.00 is 12.0000; other texts as they are."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def page(title: str) -> Rows:
    """The table of a section of the page."""
    section = PAGE.partition(f"\n## {title}")[2].partition("\n## ")[0]
    lines = [line.strip("| \n").split("|") for line in section.splitlines() if line.startswith("|")]
    header, _, *rows = [[cell.strip() for cell in line] for line in lines]
    return [dict(zip(header, map(value, row), strict=True)) for row in rows]


def worked_out(node: ast.expr) -> Fraction:
    if isinstance(node, ast.BinOp):
        return SIGNS[type(node.op)](worked_out(node.left), worked_out(node.right))
    assert isinstance(node, ast.Constant)
    return Fraction(str(node.value))


@pytest.fixture(scope="module")
def loaded(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home that loaded the page's files, for tests that read only."""
    home = Home(tmp_path_factory.mktemp("ten") / "orders", databases.make())
    shutil.copytree(ROOT / "docs/ten-orders/landing", home.path / "landing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TILLHOUSE_HOME", str(home.path))
        patch.setenv("TILLHOUSE_DATABASE_URL", home.url)
        home.succeed("pipeline", "--all")
        yield home
    databases.drop(home.url)


def gold(home: Home, query: str) -> Rows:
    return [{name: value(text) for name, text in row.items()} for row in home.rows(query)]


@pytest.mark.parametrize(
    ("title", "table"), re.findall(r"^## (\w+: gold\.(\w+))$", PAGE, re.MULTILINE), ids=lambda given: given
)
def test_the_tables_of_the_page_are_gold(loaded: Home, title: str, table: str) -> None:
    told = page(title)
    names = list(told[0])
    found = gold(loaded, f"select {', '.join(names)} from gold.{table} order by all")
    if table in DAYS:
        dates = {row["date"] for row in told}
        others = [row for row in found if row["date"] not in dates]
        assert {row[name] for row in others for name in names if name not in ("date", "deferred")} == {Decimal(0)}
        found = [row for row in found if row["date"] in dates]
    assert found == told


def test_the_months_of_the_page_are_sums_of_gold(loaded: Home) -> None:
    told = page("Months")
    sums = ", ".join(f"sum({name}) as {name}" for name in list(told[0])[1:])
    query = f"""
        select strftime(daily.date, '%Y-%m') as month, {sums}
        from gold.fct_revenue_daily as daily
        inner join (select date, booked_not_delivered, delivered_from_before from gold.agg_revenue_bridge) as bridge
            on daily.date = bridge.date
        group by month order by month
    """
    assert gold(loaded, query) == told


def test_the_page_has_its_ten_orders_and_five_tables() -> None:
    assert len(page("Orders")) == 10
    assert len(re.findall(r"^\|---", PAGE, re.MULTILINE)) == 6
    assert len(CALCULATIONS) > 60


@pytest.mark.parametrize(("calculation", "told"), CALCULATIONS)
def test_each_calculation_of_the_page_is_right(calculation: str, told: str) -> None:
    right = worked_out(ast.parse(calculation.replace("x", "*"), mode="eval").body)
    assert round(right * 10000) == Fraction(told) * 10000


@pytest.mark.parametrize("order_id", [f"A{number:02}" for number in range(1, 11)])
def test_each_order_explained_adds_up_to_its_row(loaded: Home, order_id: str) -> None:
    [told] = [row for row in page("Orders") if row["order_id"] == order_id]
    said = loaded.succeed("explain", "order", order_id).out
    net_revenue = f"{told['net_revenue']:.4f}"
    assert re.search(rf"^  net_revenue +{net_revenue}  Net revenue: ", said, re.MULTILINE)
    assert "difference 0.0000" in said
