"""A real shop's export, from its CSVs to the figures everyone reads."""

import importlib.util
import os
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

    def versions():
        return {name: delta.newest_version(home.settings.lake, table) for name, table in lake_tables().items()}

    before = versions()
    assert "nothing new to load" in home.succeed("pipeline", "--all").out
    assert versions() == before
    assert home.database("select count(*) from lakehouse.releases") == [(1,)]
