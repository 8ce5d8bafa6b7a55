"""Lineage as JSON and mermaid."""

import json
import re

from pipelines.lineage.documents import as_json, as_mermaid
from pipelines.lineage.model import Lineage
from pipelines.lineage.trace import ROWS, Node

STATUS = Node("gold.fct_orders", "status")


def test_json_of_a_column_holds_each_step_and_where_it_ends(lineage: Lineage) -> None:
    document = json.loads(as_json(lineage, STATUS, downstream=False))
    assert (document["of"], document["direction"]) == ("gold.fct_orders.status", "upstream")
    assert [(each["table"], each["column"]) for each in document["columns"]] == [
        ("gold.fct_orders", "status"),
        ("silver.orders", "status"),
        ("bronze.orders", "status"),
        ("orders.csv", "status"),
    ]
    assert document["columns"][0]["value"] == [{"table": "silver.orders", "column": "status"}]
    assert document["ends"]["value"] == [{"table": "orders.csv", "column": "status"}]
    assert [each["table"] for each in document["tables"]] == [
        "orders.csv",
        "bronze.orders",
        "silver.orders",
        "gold.fct_orders",
    ]


def test_json_of_a_table_holds_all_its_columns_and_every_table_behind_it(lineage: Lineage) -> None:
    document = json.loads(as_json(lineage, Node("gold.dim_store", ROWS), downstream=False))
    assert [each["table"] for each in document["tables"]] == [
        "stores.csv",
        "bronze.stores",
        "silver.stores",
        "gold.dim_store",
    ]
    assert [each["column"] for each in document["columns"]][:2] == ["store_id", "store_name"]


def test_json_without_a_table_holds_everything(lineage: Lineage) -> None:
    document = json.loads(as_json(lineage, None, downstream=False))
    assert len(document["tables"]) == len(lineage.places)
    [orders] = [each for each in document["tables"] if each["table"] == "gold.fct_orders"]
    assert orders["reads"] == ["silver.orders", "gold.dim_store", "gold.fct_order_items"]


def test_mermaid_of_a_column_draws_values_solid_and_deciding_columns_dotted(lineage: Lineage) -> None:
    drawn = as_mermaid(lineage, Node("gold.fct_orders", "units"), downstream=False)
    names = dict(re.findall(r'^    (c\d+)\["(\w+)"\]$', drawn, re.MULTILINE))
    assert drawn.startswith("flowchart LR\n")
    for start, end in re.findall(r"(c\d+) --> (c\d+)", drawn):
        assert {names[start], names[end]} <= {"quantity", "units"}
    assert {"order_id"} <= {names[start] for start in re.findall(r"(c\d+) -\.->", drawn)}


def test_mermaid_of_tables_names_each_once_and_draws_what_it_names(lineage: Lineage) -> None:
    for target in (None, Node("gold.dim_store", ROWS)):
        drawn = as_mermaid(lineage, target, downstream=False)
        declared = re.findall(r"^    (t\d+)\[", drawn, re.MULTILINE)
        assert len(declared) == len(set(declared)) == (4 if target else len(lineage.places))
        assert set(re.findall(r"t\d+", drawn)) == set(declared)
        assert drawn.count("subgraph") == drawn.count("\n  end")


def test_downstream_goes_the_other_way(lineage: Lineage) -> None:
    document = json.loads(as_json(lineage, Node("stores.csv", ROWS), downstream=True))
    assert "gold.fct_orders" in [each["table"] for each in document["tables"]]
    assert "bronze.orders" not in [each["table"] for each in document["tables"]]
