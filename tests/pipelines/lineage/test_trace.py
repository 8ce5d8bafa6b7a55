"""What each column of a SELECT is made of, for every clause that can have a say."""

import pytest

from contracts.errors import QueryError
from pipelines.lineage.trace import ROWS, Inputs, Node, columns

SCHEMA = {
    "silver": {
        "a": {"id": "VARCHAR", "x": "BIGINT", "y": "BIGINT", "at": "DATE"},
        "b": {"id": "VARCHAR", "z": "BIGINT", "kind": "VARCHAR"},
    }
}


def traced(sql: str) -> dict[str, Inputs]:
    return columns(sql, SCHEMA)


def text(nodes: frozenset[Node]) -> str:
    return " ".join(sorted(f"{node.table.removeprefix('silver.')}.{node.column}" for node in nodes))


@pytest.mark.parametrize(
    ("sql", "value", "decides"),
    [
        ("select x + y as c from silver.a", "a.x a.y", ""),
        ("select x as c from silver.a where y > 0", "a.x", "a.y"),
        ("select sum(x) as c from silver.a group by id having max(y) > 0", "a.x", "a.id a.y"),
        ("select x as c from silver.a qualify row_number() over (partition by id order by at) = 1", "a.x", "a.at a.id"),
        ("select distinct x as c, y from silver.a", "a.x", "a.y"),
        ("select x as c from silver.a order by at limit 1", "a.x", "a.at"),
        ("select x as c from silver.a order by at", "a.x", ""),
        # A count is of rows; its filter decides which.
        ("select count(*) filter (where y > 0) as c from silver.a", "a.*", "a.y"),
        ("select count(y) as c from silver.a", "a.y", ""),
        # A case between values is decided, one between constants is made of its conditions.
        ("select case when y > 0 then x else 0 end as c from silver.a", "a.x", "a.y"),
        ("select case when y > 0 then 'yes' else 'no' end as c from silver.a", "a.y", ""),
        ("select case y when 1 then x end as c from silver.a", "a.x", "a.y"),
        ("select if(y > 0, x, 0) as c from silver.a", "a.x", "a.y"),
        # A rank is made of what it ranks by; a running sum only goes along it.
        ("select rank() over (partition by id order by at) as c from silver.a", "a.at", "a.id"),
        ("select sum(x) over (partition by id order by at) as c from silver.a", "a.x", "a.at a.id"),
        ("select lag(x) over w as c from silver.a window w as (partition by id order by at)", "a.x", "a.at a.id"),
        ("select arg_max(x, at) as c from silver.a", "a.x", "a.at"),
        ("select list(x order by at) as c from silver.a", "a.x", "a.at"),
        # An inner join decides every row, a left join only what is drawn from its table.
        ("select a.x as c from silver.a as a inner join silver.b as b on a.id = b.id", "a.x", "a.id b.id"),
        ("select a.x as c from silver.a as a left join silver.b as b on a.id = b.id", "a.x", ""),
        ("select b.z as c from silver.a as a left join silver.b as b on a.id = b.id", "b.z", "a.id b.id"),
        (
            "select a.x as c from silver.a as a left join silver.b as b on a.id = b.id where b.kind is null",
            "a.x",
            "a.id b.id b.kind",
        ),
        # What decides the rows of a CTE decides all that is drawn from it.
        (
            "with some as (select id, x from silver.a where y > 0), sums as (select sum(x) as s from some) "
            "select s as c from sums",
            "a.x",
            "a.y",
        ),
        ("with every as (select *, x + 1 as more from silver.a) select more as c from every", "a.x", ""),
        ("select n as c from (values (1), (2)) as t(n)", "", ""),
        ("with t(n) as (values (7), (30)) select a.x * t.n as c from silver.a as a cross join t", "a.x", ""),
        # Sides of a union go by place, and equal names on one side do not get in each other's way.
        (
            "select id as u, x as c from silver.a union all select 'k', z from silver.b where kind = 'k'",
            "a.x b.z",
            "b.kind",
        ),
        ("select id as c, x, y from silver.a union all select null, 0, 0 from silver.b", "a.id", ""),
        ("select x as c from silver.a union select z from silver.b", "a.x b.z", ""),
        ("select x as c from silver.a except select z from silver.b", "a.x", "b.z"),
        # Subqueries.
        (
            "select x as c from silver.a where id in (select id from silver.b where kind = 'k')",
            "a.x",
            "a.id b.* b.id b.kind",
        ),
        (
            "select x as c from silver.a as a where exists (select 1 from silver.b as b where b.id = a.id)",
            "a.x",
            "a.id b.* b.id",
        ),
        ("select (select max(z) from silver.b) as c from silver.a", "b.z", "b.*"),
        ("select t.m as c from (select max(x) as m from silver.a where y = 1) as t", "a.x", "a.y"),
        # Macros and parameters are no tables.
        ("select exact_quotient(x, y) as c from silver.a where is_good(id)", "a.x a.y", "a.id"),
        (
            "select x + $as_of as c from silver.a where y < $min_pair_orders",
            "a.x parameter.as_of",
            "a.y parameter.min_pair_orders",
        ),
        ("select cast(unnest(generate_series(x, $as_of)) as date) as c from silver.a", "a.x parameter.as_of", ""),
        # A schema nobody declared is where lineage ends.
        (
            "select old.amount as c from before.sales as old where old.day = 1",
            "before.sales.amount",
            "before.sales.day",
        ),
        ("with e as (select * from before.sales) select e.amount as c from e", "before.sales.amount", ""),
        ("with e as (select * from before.a) select x as c from e where y = 1", "before.a.x", "before.a.y"),
        ("select x as c, side from before.a where y = 1", "before.a.x", "before.a.y"),
        # Lists and laterals.
        ("select u.n as c from silver.a as a cross join unnest(a.x) as u(n) where a.y = 1", "a.x", "a.y"),
        ("select n as c from silver.a as a cross join unnest(a.x) as n", "a.x", ""),
        ("select l.n as c from silver.a as a cross join lateral (select a.x + 1 as n) as l", "a.x", ""),
        ("select r.n as c from range(5) as r(n)", "", ""),
        ("select memory.silver.a.x as c from memory.silver.a", "a.x", ""),
        (
            "with recursive n as (select x from silver.a union all select x - 1 from n where x > 0) "
            "select x as c from n",
            "a.x",
            "",
        ),
    ],
)
def test_a_column_is_made_of_what_gives_its_value_and_what_decides_its_rows(sql: str, value: str, decides: str) -> None:
    made = traced(sql)["c"]
    assert (text(made.value), text(made.decides)) == (value, decides)


def test_the_rows_of_a_select_are_those_of_what_it_reads_first() -> None:
    made = traced(
        "with few as (select id from silver.b) select few.id from few left join silver.a as a on few.id = a.id"
    )
    assert text(made[ROWS].value) == "b.*"
    assert text(traced("select id from silver.a union all select id from silver.b")[ROWS].value) == "a.* b.*"


@pytest.mark.parametrize("sql", ["select from where", "create table t as select 1; select 2", "drop table silver.a"])
def test_what_is_not_one_select_is_refused(sql: str) -> None:
    with pytest.raises(QueryError):
        traced(sql)
