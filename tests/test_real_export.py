"""A real shop's export, from its CSVs to the figures everyone reads."""

import csv
import html
import importlib.util
import os
import re
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from contracts.registry import lake_tables
from lake import delta

SHARED = os.environ.get("TILLHOUSE_SHARED")
pytestmark = pytest.mark.skipif(SHARED is None, reason="TILLHOUSE_SHARED does not name the folder of shared samples")


def independent_sums(folder):
    """Orders and gross revenue by day, by the script that shares no code with the importers."""
    path = Path(__file__).parent / "pipelines/importers/check_online_retail_ii.py"
    spec = importlib.util.spec_from_file_location("check_online_retail_ii", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.sums_of_export(sorted(folder.glob("*.csv")))


def landed(home, source):
    """The rows of a source as they landed."""
    for path in sorted(home.settings.landing.glob(f"*/{source}_*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            yield from csv.DictReader(handle)


def memo_by_hand(home):
    """The memo's two paragraphs that 47 days carry, from the landed CSVs by plain loops. The export has no discounts,
    no taxes and every order is delivered at once; a return is refunded where it comes within 30 days."""
    placed = {row["order_id"]: datetime.fromisoformat(row["delivered_at"]) for row in landed(home, "orders")}
    net, open_net, sold, refunds, returned = defaultdict(Decimal), Decimal(0), Decimal(0), Decimal(0), defaultdict(int)
    lines = {(row["order_id"], row["line_number"]): row for row in landed(home, "order_items")}
    for row in landed(home, "returns"):
        line = row["order_id"], row["line_number"]
        returned[line] += int(row["quantity"])
        if datetime.fromisoformat(row["returned_at"]) <= placed[line[0]] + timedelta(days=30):
            amount = int(row["quantity"]) * Decimal(lines[line]["unit_price"])
            net[lines[line]["product_id"]] -= amount
            refunds += amount
    for line, row in lines.items():
        price, left = Decimal(row["unit_price"]), int(row["quantity"]) - returned[line]
        net[row["product_id"]] += int(row["quantity"]) * price
        sold += int(row["quantity"]) * price
        if placed[line[0]] + timedelta(days=30) > datetime(2011, 1, 17) and left:
            open_net += left * price
    whole, above, first = sum(net.values()), Decimal(0), 0
    for amount in sorted(net.values(), reverse=True):
        if above / whole < Decimal("0.8"):
            first += 1
        above += amount
    expected = open_net * refunds / sold
    return [
        f"{first} of {len(net):,} products ({first / len(net):.0%}) bring 80% of net revenue, in line with the rule of "
        "thumb of 20% bringing 80%.",
        f"GBP {open_net:,.0f} is delivered and inside its refund window; at the rates of the last 90 days about "
        f"GBP {expected:,.0f} of it comes back, {expected / open_net:.1%}.",
    ]


def test_each_day_of_the_export_is_the_same_cents_in_the_csvs_the_lake_the_database_and_the_api(home):
    export = Path(str(SHARED)) / "data" / "online_retail_ii"
    imported = home.succeed("import", "online-retail-ii", str(export))
    assert "58,991  in all: 58,459 mapped, 532 left out" in imported.out
    home.succeed("pipeline", "--all")

    sums = independent_sums(export)
    assert len(sums) == 31
    lake = home.rows("select * from gold.fct_revenue_daily order by date")
    sold = {row["date"]: (int(row["orders"]), Decimal(row["gross_revenue"])) for row in lake if row["orders"] != "0"}
    assert sold == sums

    served = home.database("select date::text, orders, gross_revenue, net_revenue from serving.fct_revenue_daily")
    assert {day: values for day, *values in served} == {
        row["date"]: [int(row["orders"]), Decimal(row["gross_revenue"]), Decimal(row["net_revenue"])] for row in lake
    }
    answer = home.ask("/v1/metrics/daily?start=2010-12-01&end=2011-01-16")
    assert [(row["date"], row["gross_revenue"], row["net_revenue"]) for row in answer["data"]] == [
        (row["date"], row["gross_revenue"], row["net_revenue"]) for row in lake
    ]

    page = (home.settings.reports / "2011-01-16" / "memo.html").read_text(encoding="utf-8")
    memo = html.unescape(re.sub(r"<[^>]*>", "", page)).replace("\N{NO-BREAK SPACE}", " ")
    for sentence in memo_by_hand(home):
        assert sentence in memo
    assert (
        "Nothing is said of seasonality, regions, customers in month 3, margin and mix, stock-outs and lost sales, "
        "days unlike their weekday: the data do not carry it." in memo
    )

    def versions():
        return {name: delta.newest_version(home.settings.lake, table) for name, table in lake_tables().items()}

    before = versions()
    assert "nothing new to load" in home.succeed("pipeline", "--all").out
    assert versions() == before
    assert home.database("select count(*) from lakehouse.releases") == [(1,)]
