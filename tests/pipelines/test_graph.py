"""The order of models comes from their SQL, and a wrong reference is said plainly."""

import pytest

from contracts.errors import QueryError
from pipelines import graph
from pipelines.gold import build as gold


def test_a_select_reads_the_tables_it_names_and_its_own_ctes_are_none_of_them() -> None:
    sql = """
        -- gold.not_this_one
        with paid as (select order_id from silver.orders as o where exists (select 1 from silver.returns)),
        lines as (select * from gold.fct_order_items inner join paid on true)
        select 1 as one from lines left join (select * from gold.dim_date) as days on true
    """
    assert graph.inputs(sql) == {"silver.orders", "silver.returns", "gold.fct_order_items", "gold.dim_date"}


def test_each_model_comes_after_what_it_reads_and_ties_go_by_name() -> None:
    models = {
        "gold.c": "select 1 as x from gold.a, gold.b",
        "gold.b": "select 1 as x from gold.d",
        "gold.a": "select 1 as x from silver.orders",
        "gold.d": "select 1 as x from silver.orders",
    }
    assert graph.order(models) == ["gold.a", "gold.d", "gold.b", "gold.c"]


def test_the_order_does_not_depend_on_the_order_of_the_files() -> None:
    models = gold.models()
    assert graph.order(models) == graph.order(dict(reversed(models.items())))


def test_every_gold_model_is_built_after_all_it_reads() -> None:
    models = gold.models()
    built: set[str] = set()
    for name in graph.order(models):
        assert graph.inputs(models[name]) & models.keys() <= built
        built.add(name)
    assert built == models.keys()


def test_models_that_read_each_other_are_named() -> None:
    models = {"gold.a": "select 1 as x from gold.b", "gold.b": "select 1 as x from gold.a"}
    with pytest.raises(QueryError, match=r"circle: gold\.(a -> gold\.b -> gold\.a|b -> gold\.a -> gold\.b)"):
        graph.order(models)


def test_a_model_cannot_read_itself() -> None:
    with pytest.raises(QueryError, match=r"gold\.a -> gold\.a"):
        graph.order({"gold.a": "select 1 as x from gold.a"})


@pytest.mark.parametrize("unknown", ["silver.ordres", "gold.b", "bronze.orders"])
def test_a_table_that_nobody_makes_is_named_with_the_model_that_reads_it(unknown: str) -> None:
    with pytest.raises(QueryError, match=f"gold.a reads {unknown}"):
        graph.order({"gold.a": f"select 1 as x from {unknown}"})


def test_a_table_without_its_layer_is_refused() -> None:
    with pytest.raises(QueryError, match=r"reads orders, which is no CTE"):
        graph.inputs("select 1 as x from orders")


def test_sql_that_cannot_be_read_is_said_so() -> None:
    with pytest.raises(QueryError, match="cannot be read"):
        graph.inputs("select from where (")
