"""Lineage of the models as they are, against what was written down by hand from the rules."""

import time

import pytest

from contracts.registry import sources, tables
from pipelines.gold import build
from pipelines.lineage import whole
from pipelines.lineage.model import Lineage
from pipelines.lineage.names import grouped
from pipelines.lineage.trace import ROWS, Node

LINE = "order_items.csv: discount_amount, quantity, tax_amount, unit_price"

# What gives the value of a column in the end, and one thing that only decides its rows.
EXPECTED = [
    ("fct_orders", "paid_at", "orders.csv: paid_at", None),
    ("fct_orders", "order_date", "orders.csv: created_at", None),
    ("fct_orders", "is_revenue", "orders.csv: status", None),
    ("fct_orders", "is_first_order", "orders.csv: created_at, order_id", ("orders.csv", "customer_id")),
    ("fct_orders", "store_id", "stores.csv: store_id", ("orders.csv", "store_id")),
    ("fct_orders", "items", "rows of order_items.csv", ("order_items.csv", "order_id")),
    ("fct_orders", "gross_revenue", "order_items.csv: quantity, unit_price", None),
    ("fct_orders", "shipping_amount", "orders.csv: shipping_amount", None),
    ("fct_order_items", "net_amount", LINE, None),
    (
        "fct_order_items",
        "returned_quantity",
        "order_items.csv: quantity; returns.csv: quantity",
        ("orders.csv", "status"),
    ),
    (
        "fct_order_items",
        "cost_amount",
        "order_items.csv: quantity; products.csv: unit_cost; returns.csv: quantity",
        ("products.csv", "updated_at"),
    ),
    ("fct_order_items", "product_key", "products.csv: product_id, updated_at", ("orders.csv", "created_at")),
    ("fct_returns", "refund_amount", f"{LINE}; returns.csv: quantity", ("parameter", "refund_window_days")),
    ("fct_returns", "refund_amount", f"{LINE}; returns.csv: quantity", ("orders.csv", "delivered_at")),
    ("fct_returns", "return_date", "orders.csv: returned_at; returns.csv: returned_at", ("orders.csv", "status")),
    ("fct_revenue_daily", "net_revenue", f"{LINE}; returns.csv: quantity", ("orders.csv", "status")),
    ("fct_revenue_daily", "orders", "rows of orders.csv", ("orders.csv", "status")),
    ("fct_revenue_daily", "guest_orders", "rows of orders.csv", ("orders.csv", "customer_id")),
    ("fct_revenue_daily", "recognized_gross", "order_items.csv: quantity, unit_price", ("orders.csv", "delivered_at")),
    ("fct_revenue_daily", "date", "orders.csv: created_at; parameter as_of", None),
    (
        "fct_inventory_daily",
        "shipped",
        "inventory_movements.csv: quantity",
        ("inventory_movements.csv", "movement_type"),
    ),
    ("fct_inventory_daily", "reorder_point", "products.csv: reorder_point", ("products.csv", "updated_at")),
    ("fct_cohort_ltv", "window_days", "", ("orders.csv", "customer_id")),
    ("fct_money_ledger", "event", "", ("orders.csv", "status")),
    ("dim_product", "product_name", "products.csv: product_name", ("products.csv", "updated_at")),
    ("dim_customer", "email", "customers.csv: email", None),
    ("dim_customer", "recency_days", "orders.csv: created_at; parameter as_of", ("orders.csv", "status")),
    (
        "agg_product_pairs",
        "lift",
        "order_items.csv: order_id; rows of order_items.csv",
        ("parameter", "min_pair_orders"),
    ),
    ("agg_customer_segments", "customers", "rows of customers.csv", ("order_items.csv", "quantity")),
]

# Columns whose value is a constant of the model: what they count or call stands in its rows.
CONSTANT = {
    "gold.agg_sales_daily.orders",
    "gold.dim_payment_method.is_digital",
    "gold.dim_payment_method.label",
    "gold.dim_payment_method.payment_method",
    "gold.fct_cohort_ltv.orders",
    "gold.fct_cohort_ltv.window_days",
    "gold.fct_money_ledger.clock",
    "gold.fct_money_ledger.event",
}
# Of these a parameter alone gives the value.
PARAMETERS_ONLY = {"gold.fct_restatements.release_id"}
# And these rows depend on nothing that landed.
ALWAYS_THERE = {"gold.dim_payment_method"}


@pytest.mark.parametrize(("table", "column", "value", "decides"), EXPECTED)
def test_a_column_comes_from_the_landed_columns_its_rule_names(
    lineage: Lineage, table: str, column: str, value: str, decides: tuple[str, str] | None
) -> None:
    ends = lineage.ends(Node(f"gold.{table}", column))
    assert grouped(ends.value) == value
    assert decides is None or Node(*decides) in ends.decides


def test_every_gold_column_comes_from_a_landing_but_those_listed(lineage: Lineage) -> None:
    landed = {name for name, place in lineage.places.items() if place.layer in {"landing", "bronze", "outside"}}
    constant, parameters, unmoved = set(), set(), set()
    for table in tables("gold").values():
        for column in table.names:
            ends = lineage.ends(Node(table.full_name, column))
            if not ends.value:
                constant.add(f"{table.full_name}.{column}")
            elif not any(node.table in landed for node in ends.value):
                parameters.add(f"{table.full_name}.{column}")
            if not any(node.table in landed for node in ends.all):
                unmoved.add(table.full_name)
    assert (constant, parameters, unmoved) == (CONSTANT, PARAMETERS_ONLY, ALWAYS_THERE)


def test_every_column_named_as_an_input_is_there(lineage: Lineage) -> None:
    for table in lineage.places:
        for node in lineage.nodes(table):
            for read in lineage.made(node).inputs.all:
                assert read.column == ROWS or read.column in lineage.places[read.table].columns, (node, read)


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("report.cube_orders", {"gold.dim_customer", "gold.dim_store", "gold.fct_returns", "serving.revenue_orders"}),
        ("api.sales_orders", {"gold.agg_sales_daily", "gold.dim_customer", "gold.dim_store", "gold.fct_orders"}),
    ],
)
def test_a_query_that_stands_on_others_reads_what_they_read(lineage: Lineage, query: str, read: set[str]) -> None:
    assert {node.table for at in lineage.nodes(query) for node in lineage.made(at).inputs.all} == read


def test_every_column_of_every_contract_is_in_the_graph(lineage: Lineage) -> None:
    for layer in ("bronze", "silver", "gold", "quality"):
        for table in tables(layer).values():
            assert tuple(lineage.places[table.full_name].columns) == table.names


def test_every_landed_column_gives_silver_its_value(lineage: Lineage) -> None:
    for source in sources().values():
        for column in source.names:
            reached = lineage.along([Node(f"{source.name}.csv", column)], downstream=True)
            assert Node(f"bronze.{source.name}", column) in reached
            assert Node(f"silver.{source.name}", column) in reached


def test_silver_comes_from_bronze_by_contract(lineage: Lineage) -> None:
    made = lineage.made(Node("silver.product_versions", "list_price")).inputs
    assert grouped(made.value) == "bronze.products: list_price"
    line = lineage.made(Node("silver.order_items", "order_date")).inputs
    assert grouped(line.value) == "silver.orders: order_date"
    # A line is there where its order and product are.
    assert {Node("silver.orders", "order_id"), Node("silver.products", "product_id")} <= line.decides
    assert grouped(lineage.ends(Node("silver.returns", "return_date")).value) == "returns.csv: returned_at"
    shown = grouped(lineage.ends(Node("silver.orders", "ingested_at")).value)
    assert "orders.csv: _file, _row, deleted, ingested_at" in shown


def test_what_a_run_keeps_beside_the_tables_says_in_words_where_it_is_from(lineage: Lineage) -> None:
    for table in ("silver.quarantine", "silver.corrections", "bronze.landed_files", "quality.conservation"):
        for column, made in lineage.places[table].columns.items():
            assert made.words or made.inputs.all, f"{table}.{column}"
    counted = lineage.made(Node("quality.conservation", "quarantined_rows")).inputs
    assert grouped(counted.value) == "rows of silver.quarantine"
    assert lineage.places["quality.runs"].grain


def test_downstream_of_a_figure_are_the_answers_and_pages_that_show_it_and_the_checks(lineage: Lineage) -> None:
    readers = lineage.read_by("gold.fct_revenue_daily")
    assert {"gold.agg_revenue_bridge", "check.daily_net_revenue", "api.metrics_daily", "report.revenue_daily"} <= set(
        readers
    )
    shown = lineage.readers[Node("gold.fct_revenue_daily", "net_revenue")]
    assert Node("api.metrics_daily", "net_revenue") in shown.value
    deciding = lineage.readers[Node("gold.fct_orders", "is_revenue")].decides
    assert Node("gold.fct_revenue_daily", "orders") in deciding


def test_a_model_that_reads_an_unknown_schema_ends_there() -> None:
    models = build.models()
    models["gold.dim_store"] = "select was.store_id, was.anything as city from before.dim_store as was"
    found = whole.of_models(models, readers=False)
    assert grouped(found.ends(Node("gold.dim_store", "city")).value) == "before.dim_store: anything"
    assert found.places["before.dim_store"].layer == "outside"


def test_a_gold_table_whose_model_is_not_written_yet_is_shown_without_inputs() -> None:
    models = build.models()
    del models["gold.dim_date"]
    found = whole.of_models(models, readers=False)
    assert (found.reads("gold.dim_date"), found.places["gold.dim_date"].note) == ([], "No model makes it.")


def test_a_model_that_reads_itself_has_an_end() -> None:
    models = build.models()
    models["gold.dim_store"] = "select store_id from gold.dim_store union all select store_id from silver.stores"
    found = whole.of_models(models, readers=False)
    assert grouped(found.ends(Node("gold.dim_store", "store_id")).value) == "stores.csv: store_id"


def test_the_whole_graph_is_read_within_five_seconds_and_once() -> None:
    models = build.models()
    begun = time.process_time()
    whole.of_models(models)
    assert time.process_time() - begun < 5
    assert whole.lineage() is whole.lineage()
