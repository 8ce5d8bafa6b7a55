"""One read-only SELECT, by DuckDB's own parser."""

import duckdb
import pytest

from contracts.errors import QueryError
from lake.query import select


@pytest.fixture
def con():
    with duckdb.connect() as opened:
        opened.execute("create table lamps as select 1 as quantity")
        yield opened


@pytest.mark.parametrize(
    "query",
    [
        "select quantity from lamps",
        "with few as (select quantity from lamps) select quantity from few;",
        "-- a comment\nselect 1",
        "from lamps",
        "values (1)",
        "select ';' is null, 1 where false union all select true, 1",
    ],
)
def test_one_select_runs(con, query):
    assert len(select(con, query).fetchall()) == 1


@pytest.mark.parametrize(
    "query",
    [
        "",
        "insert into lamps values (2)",
        "update lamps set quantity = 2",
        "delete from lamps",
        "drop table lamps",
        "create table more as select 1",
        "copy lamps to 'lamps.csv'",
        "copy (select 1) to 'one.csv'",
        "attach 'other.db'",
        "pragma database_list",
        "set threads = 1",
        "call pragma_version()",
        "export database 'folder'",
        "select 1; select 2",
        "select 1; drop table lamps",
        "explain analyze insert into lamps values (2)",
        "begin transaction",
    ],
)
def test_anything_else_is_refused(con, query):
    with pytest.raises(QueryError):
        select(con, query).fetchall()
    assert con.sql("select quantity from lamps").fetchall() == [(1,)]


@pytest.mark.parametrize(("query", "said"), [("selec 1", "parsed"), ("select wrong from lamps", "wrong")])
def test_what_does_not_run_says_why_in_one_line(con, query, said):
    with pytest.raises(QueryError, match=said) as error:
        select(con, query)
    assert "\n" not in str(error.value)


def test_what_fails_only_while_it_runs_is_a_query_error_too(con):
    with pytest.raises(QueryError, match="abc"):
        select(con, "select cast('abc' || quantity as integer) from lamps")
