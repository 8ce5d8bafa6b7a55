"""A read-only DuckDB over exactly one release."""

import duckdb
import pytest

from contracts.errors import NotFound
from contracts.registry import lake_tables
from lake import delta
from lake.connection import connect


@pytest.fixture
def con(shop):
    with connect(shop.settings) as opened:
        yield opened


def test_every_table_of_the_release_is_there_with_its_types(con):
    for name, table in lake_tables().items():
        described = con.sql(f"select * from {name} limit 0")
        assert dict(zip(described.columns, map(str, described.types), strict=True)) == table.duckdb_types(), name


def test_a_table_without_a_row_is_empty_and_typed(con):
    returns = con.sql("select * from gold.fct_returns")
    assert returns.fetchall() == []
    assert str(returns.types[returns.columns.index("refund_amount")]) == "DECIMAL(18,4)"


def test_the_runs_records_are_there(con):
    assert con.sql("select status from quality.runs").fetchall() == [("released",)]
    assert con.sql("select count(*) from bronze.rejected_files").fetchall() == [(0,)]
    assert con.sql("select distinct status from quality.check_results").fetchall() == [("passed",)]


def test_without_a_database_the_runs_records_are_absent_and_the_rest_is_there(shop, monkeypatch):
    monkeypatch.setenv("TILLHOUSE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    with connect(shop.settings) as con:
        assert con.sql("select count(*) from gold.fct_orders").fetchall() == [(1,)]
        with pytest.raises(duckdb.CatalogException):
            con.sql("select * from quality.runs")


@pytest.mark.parametrize(
    "statement",
    [
        "insert into gold.dim_store values ('S')",
        "select * from read_csv('{home}/landing/2024-01-02/orders.csv')",
        "select * from '{home}/tillhouse.toml'",
        "select * from read_text('/etc/hostname')",
        "select * from glob('/etc/*')",
        "copy (select 1) to '{home}/out.csv'",
        "copy (select 1) to '{home}/lake/out.csv'",
        "attach '{home}/other.db'",
        "attach '{home}/lake/other.db'",
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
        "set lock_configuration = false",
        "install httpfs",
        "load httpfs",
    ],
)
def test_nothing_outside_the_lake_is_read_and_nothing_is_written(con, shop, statement):
    (shop.path / "tillhouse.toml").write_text("currency = 'USD'\n")
    files = sorted(shop.path.rglob("*"))
    with pytest.raises(duckdb.Error):
        con.execute(statement.replace("{home}", str(shop.path))).fetchall()
    assert sorted(shop.path.rglob("*")) == files


def test_what_no_release_names_is_invisible(shop):
    table = lake_tables()["gold.fct_orders"]
    newest = delta.newest_version(shop.settings.lake, table)
    delta.overwrite(shop.settings.lake, table, delta.read(shop.settings.lake, table, newest).clear(), newest)
    with connect(shop.settings) as con:
        assert con.sql("select order_id from gold.fct_orders").fetchall() == [("O1",)]


def test_an_open_connection_keeps_to_its_release(shop, con):
    shop.land("2024-01-03", orders=[{"order_id": "O2"}])
    shop.succeed("pipeline", "2024-01-03")
    count = "select count(*) from gold.fct_orders"
    assert con.sql(count).fetchall() == [(1,)]
    with connect(shop.settings) as now, connect(shop.settings, at=1) as then:
        assert (now.sql(count).fetchall(), then.sql(count).fetchall()) == ([(2,)], [(1,)])


def test_before_the_first_release_the_message_says_what_to_run(home):
    with pytest.raises(NotFound, match="tillhouse pipeline --all"):
        connect(home.settings)
