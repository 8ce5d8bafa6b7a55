"""`import lake`, as a notebook has it."""

import subprocess
import sys
from datetime import date

import numpy as np
import polars as pl
import pytest
from deltalake import DeltaTable

import lake
from contracts.errors import NotFound, UsageError
from contracts.registry import lake_tables


def test_a_connection_and_a_scan_give_the_released_rows(shop):
    with lake.connect() as con:
        assert con.sql("select order_id from gold.fct_orders").fetchall() == [("O1",)]
    orders = lake.scan("gold.fct_orders")
    assert isinstance(orders, pl.LazyFrame)
    assert orders.select("order_id", "net_revenue").collect().rows() == [("O1", 16)]
    assert lake.scan("gold.fct_returns").collect().schema == lake_tables()["gold.fct_returns"].polars_schema()


def test_path_and_version_are_what_another_delta_reader_needs(shop):
    path, version = lake.path("gold.fct_orders"), lake.version("gold.fct_orders")
    assert path == str(shop.path / "lake" / "gold" / "fct_orders")
    assert DeltaTable(path, version=version).to_pyarrow_table().num_rows == 1


def test_an_older_release_stays_readable(shop):
    shop.land("2024-01-03", orders=[{"order_id": "O2"}])
    shop.succeed("pipeline", "2024-01-03")
    assert [lake.scan("gold.fct_orders", at=n).collect().height for n in (1, 2)] == [1, 2]
    assert lake.version("gold.fct_orders", at=1) < lake.version("gold.fct_orders")
    with lake.connect(at=1) as con:
        assert con.sql("select count(*) from gold.fct_orders").fetchall() == [(1,)]


@pytest.mark.parametrize("at", ["2024-01-02", date(2024, 1, 2), 1.0, "1"])
def test_what_is_no_release_number_is_said_so_with_where_the_numbers_are(shop, at):
    for ask in (lake.connect, lake.tables, lambda at: lake.scan("gold.fct_orders", at=at)):
        with pytest.raises(
            UsageError, match=r"`at` is a release number, such as 3; quality.runs and `tillhouse status`"
        ):
            ask(at=at)


def test_a_release_number_may_be_numpys_and_one_too_large_is_not_found(shop):
    assert lake.version("gold.fct_orders", at=np.int64(1)) == lake.version("gold.fct_orders")
    with pytest.raises(NotFound, match="no release 9223372036854775808"):
        lake.connect(at=2**63)


def test_tables_tells_every_column_with_its_meaning(shop):
    told = lake.tables()
    assert told.filter(pl.col("table") == "gold.fct_orders")["column"].to_list()[:2] == ["order_id", "customer_id"]
    assert told.null_count().sum_horizontal().item() == 0
    assert told.height == sum(len(table.columns) for table in lake_tables().values())


def test_a_table_that_is_none_is_said_so(shop):
    with pytest.raises(NotFound, match=r"lake\.tables\(\)"):
        lake.scan("gold.fct_order")
    with pytest.raises(AttributeError, match="nothing"):
        lake.nothing  # noqa: B018


def test_before_the_first_release_the_message_says_what_to_run(home):
    for ask in (lake.tables, lake.connect):
        with pytest.raises(NotFound, match="tillhouse pipeline --all"):
            ask()


def test_importing_the_lake_pulls_in_no_engine():
    code = "import lake, sys; sys.exit(any(name in sys.modules for name in ('duckdb', 'polars', 'deltalake')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
