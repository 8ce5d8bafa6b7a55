"""`tillhouse lineage` as a person or a script runs it: no shop and no database is needed."""

import json
from pathlib import Path

import pytest

from tests.conftest import Home


@pytest.fixture
def anywhere(tmp_path: Path) -> Home:
    """No home, and no database that could answer."""
    return Home(tmp_path / "nowhere", "")


def test_a_column_leads_to_the_columns_of_the_landed_files(anywhere: Home) -> None:
    said = anywhere.succeed("lineage", "gold.fct_revenue_daily.net_revenue").out
    assert (
        "Value from: order_items.csv: discount_amount, quantity, tax_amount, unit_price; returns.csv: quantity\n"
        in said
    )
    assert "setting refund_window_days" in said


def test_without_a_table_every_table_is_listed_and_the_other_way_round(anywhere: Home) -> None:
    assert "gold.fct_orders <- silver.orders" in anywhere.succeed("lineage").out
    assert "bronze.stores -> " in anywhere.succeed("lineage", "--downstream").out
    assert "api.metrics_daily" in anywhere.succeed("lineage", "fct_revenue_daily.aov", "--downstream").out


def test_json_and_mermaid_go_to_programs(anywhere: Home) -> None:
    assert json.loads(anywhere.succeed("lineage", "dim_store", "--format", "json").out)["of"] == "gold.dim_store"
    assert anywhere.succeed("lineage", "--format", "mermaid").out.startswith("flowchart LR\n")


def test_every_format_may_go_to_a_file(anywhere: Home, tmp_path: Path) -> None:
    for form, begins in (
        ("text", "gold.dim_store:"),
        ("json", "{"),
        ("mermaid", "flowchart"),
        ("html", "<!doctype html>"),
    ):
        file = tmp_path / f"lineage of a store.{form}"
        ran = anywhere.succeed("lineage", "dim_store", "--format", form, "--to", str(file))
        assert file.read_text(encoding="utf-8").lstrip().startswith(begins)
        assert (ran.out, file.as_uri() in ran.err) == ("", True)


def test_an_unknown_name_ends_2_with_the_nearest(anywhere: Home) -> None:
    ran = anywhere.run("lineage", "fct_revenue_dayly.net_revenue")
    assert (ran.exit_code, ran.out) == (2, "")
    assert "gold.fct_revenue_daily.net_revenue" in ran.err


def test_a_file_in_no_folder_ends_2(anywhere: Home, tmp_path: Path) -> None:
    ran = anywhere.run("lineage", "--format", "html", "--to", str(tmp_path / "no" / "page.html"))
    assert (ran.exit_code, "is no place for a file" in ran.err) == (2, True)


def test_a_terminal_without_box_characters_gets_the_tree_all_the_same(anywhere: Home) -> None:
    process = anywhere.spawn("lineage", "fct_orders.status", PYTHONIOENCODING="ascii")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "silver.orders.status <- bronze.orders.status <- orders.csv: status" in out
