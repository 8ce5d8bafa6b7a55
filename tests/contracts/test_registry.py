from pathlib import Path

import pytest

import contracts
from contracts.registry import LAYERS, lake_tables, sources, tables

FOLDER = Path(str(contracts.__file__)).parent
STEMS = {layer: {path.stem for path in (FOLDER / layer).glob("*.py") if path.stem != "__init__"} for layer in LAYERS}
STEMS["bronze"] |= {path.stem for path in (FOLDER / "sources").glob("*.py") if path.stem != "__init__"}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_table_is_a_file_and_a_file_a_table(layer: str) -> None:
    found = tables(layer)  # type: ignore[arg-type]
    assert found.keys() == STEMS[layer]
    assert {(table.layer, table.name) for table in found.values()} == {(layer, stem) for stem in STEMS[layer]}


def test_the_seven_sources_are_those_a_shop_may_drop_in() -> None:
    assert {name: source.key for name, source in sources().items()} == {
        "customers": ("customer_id",),
        "products": ("product_id",),
        "stores": ("store_id",),
        "orders": ("order_id",),
        "order_items": ("order_id", "line_number"),
        "returns": ("return_id",),
        "inventory_movements": ("movement_id",),
    }
    assert {name for name, source in sources().items() if source.optional} == {"stores", "returns"}


def test_every_source_has_a_bronze_and_a_silver_table_of_its_name() -> None:
    for name in sources():
        assert {f"bronze.{name}", f"silver.{name}"} <= lake_tables().keys()


def test_the_tables_of_the_lake_are_those_of_its_layers() -> None:
    assert list(lake_tables()) == [f"{layer}.{name}" for layer in LAYERS for name in tables(layer)]


def test_a_reference_names_the_whole_key_of_a_table_and_columns_of_its_own() -> None:
    for source in sources().values():
        for reference in source.references:
            assert reference.columns == sources()[reference.table].key
            assert set(reference.columns) <= set(source.names)


def test_a_key_and_a_partition_are_columns_and_never_null() -> None:
    for table in lake_tables().values():
        columns = {column.name: column for column in table.columns}
        partition = [table.partition] if table.partition else []
        assert {*table.key, *partition} <= columns.keys(), table.full_name
        assert not partition or columns[partition[0]].type == "date", table.full_name
