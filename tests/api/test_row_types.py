"""The rows the API documents are the columns of the gold tables, both ways."""

from datetime import date, datetime
from decimal import Decimal
from typing import get_origin

import pytest

from api.routers.customers import Customer, Segment
from api.routers.inventory import Alert, StockDay
from api.routers.ltv import DailyCohort, MonthlyCohort
from api.routers.metrics import DailyMetrics, RecognizedMetrics
from api.routers.orders import Order, OrderLine, OrderReturn
from api.routers.products import BoughtWith, Price, Product
from api.routers.quality import Check, Conserved, KeptOut, Run
from api.routers.retention import CohortMonth
from api.routers.revenue import BridgeDay, Restatement
from api.routers.sales import Sales
from api.routers.summary import ComparedSummary, Summary
from api.row_types import columns, moments, plain_types

KINDS = {"int": int, "text": str, "date": date, "ts": datetime, "money": Decimal, "ratio": float, "bool": bool}
KINDS |= {"texts": list[str], "difference": Decimal}


OF_TABLES = [
    (DailyMetrics, "gold.fct_revenue_daily"),
    (DailyCohort, "gold.fct_cohort_ltv"),
    (CohortMonth, "gold.fct_cohort_monthly"),
    (Alert, "gold.fct_inventory_alerts"),
    (StockDay, "gold.fct_inventory_daily"),
    (Segment, "gold.agg_customer_segments"),
    (Customer, "gold.dim_customer"),
    (Order, "gold.fct_orders"),
    (OrderLine, "gold.fct_order_items"),
    (OrderReturn, "gold.fct_returns"),
    (BridgeDay, "gold.agg_revenue_bridge"),
    (Restatement, "gold.fct_restatements"),
    (KeptOut, "silver.quarantine"),
    (Conserved, "quality.conservation"),
]


@pytest.mark.parametrize(("row", "table"), OF_TABLES)
def test_a_row_has_exactly_the_columns_of_its_table_in_order_with_types_and_nulls(row, table):
    from contracts.registry import lake_tables

    declared = lake_tables()[table].columns
    assert columns(row) == tuple(column.name for column in declared), f"mend the row of {table} in api/routers"
    for column in declared:
        found = plain_types(row, column.name)
        assert (found[0], type(None) in found) == (KINDS[column.type], column.nullable), column.name


def test_recognized_rows_are_the_date_and_the_recognized_columns_of_the_daily_ones():
    chosen = [name for name in columns(DailyMetrics) if name == "date" or name.startswith("recognized_")]
    assert list(columns(RecognizedMetrics)) == chosen
    for name in chosen:
        assert RecognizedMetrics.model_fields[name].description == DailyMetrics.model_fields[name].description


def test_monthly_cohorts_differ_from_daily_ones_in_their_date_alone():
    assert columns(MonthlyCohort)[1:] == columns(DailyCohort)[1:]


OTHERS = [RecognizedMetrics, MonthlyCohort, Summary, ComparedSummary, Product, Price, BoughtWith, Sales, Check, Run]


@pytest.mark.parametrize("row", [row for row, _ in OF_TABLES] + OTHERS)
def test_every_column_says_what_it_means_and_shows_an_example(row):
    for name, column in row.model_fields.items():
        assert column.description, name
        assert column.examples, name


def test_a_page_gives_the_columns_its_row_declares(client):
    for path, row in (
        ("/v1/metrics/daily", DailyMetrics),
        ("/v1/metrics/daily?basis=recognized", RecognizedMetrics),
        ("/v1/ltv/30", DailyCohort),
        ("/v1/ltv/30?grain=month", MonthlyCohort),
        ("/v1/inventory/alerts", Alert),
    ):
        for given in client.get(path).json()["data"]:
            assert tuple(given) == columns(row)
            row.model_validate(given)


def test_columns_without_a_time_of_day_are_no_moments():
    assert moments(DailyMetrics) == ()
    assert get_origin(plain_types(DailyMetrics, "aov")[0]) is None
