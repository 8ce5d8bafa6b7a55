from datetime import date

import polars as pl
import pytest
from pandera.errors import SchemaErrors

from contracts.base import DUCKDB, POLARS, PROVENANCE, Column, Field, Reference, Source, Table, columns_of
from contracts.columns import COLUMNS

SALES = Table(
    grain="One row per day.",
    columns=columns_of("order_date", "reason?"),
    key=("order_date",),
).bound("gold", "sales")


def test_a_column_is_its_name_with_the_type_and_meaning_of_the_dictionary() -> None:
    kind, meaning = COLUMNS["order_id"]
    assert columns_of("order_id", "reason?") == (
        Column("order_id", kind, nullable=False, meaning=meaning),
        Column("reason", "text", nullable=True, meaning=COLUMNS["reason"][1]),
    )


def test_a_table_may_narrow_the_meaning_of_a_column_it_has() -> None:
    [column] = columns_of("quantity?", quantity="Units moved.")
    assert (column.meaning, column.type, column.nullable) == ("Units moved.", "int", True)


def test_a_meaning_for_a_column_the_table_lacks_is_an_error() -> None:
    with pytest.raises(LookupError, match="quantity"):
        columns_of("order_id", quantity="Units moved.")


def test_a_column_that_no_dictionary_knows_is_an_error() -> None:
    with pytest.raises(KeyError, match="no_such_column"):
        columns_of("no_such_column")


def test_every_type_is_spelt_for_every_engine() -> None:
    assert POLARS.keys() == DUCKDB.keys() >= {kind for kind, _ in COLUMNS.values()}


def test_a_table_knows_its_place_and_its_columns_in_order() -> None:
    assert (SALES.full_name, SALES.names) == ("gold.sales", ("order_date", "reason"))
    assert SALES.duckdb_types() == {"order_date": "DATE", "reason": "VARCHAR"}
    assert SALES.empty().schema == {"order_date": pl.Date(), "reason": pl.String()}


@pytest.mark.parametrize(
    "rows",
    [
        {"order_date": [date(2024, 1, 1)] * 2, "reason": ["a", "b"]},
        {"order_date": [None], "reason": ["a"]},
        {"order_date": ["2024-01-01"], "reason": ["a"]},
        {"order_date": [date(2024, 1, 1)], "reason": ["a"], "more": [1]},
    ],
    ids=["key twice", "null in a column without", "another type", "another column"],
)
def test_a_frame_that_breaks_the_contract_does_not_validate(rows: dict[str, list[object]]) -> None:
    schema = SALES.empty().schema if None in rows["order_date"] else None
    with pytest.raises(SchemaErrors):
        SALES.pandera_schema().validate(pl.DataFrame(rows, schema=schema), lazy=True)


def test_a_frame_that_keeps_the_contract_validates() -> None:
    frame = pl.DataFrame({"order_date": [date(2024, 1, 1), date(2024, 1, 2)], "reason": ["a", None]})
    assert SALES.pandera_schema().validate(frame, lazy=True).equals(frame)


def test_a_field_must_be_in_the_file_unless_it_may_be_null_or_has_a_default() -> None:
    plain, nullable, defaulted = Field("order_id"), Field("reason?"), Field("reorder_point", default=0)
    assert [field.required for field in (plain, nullable, defaulted)] == [True, False, False]
    assert [field.column.nullable for field in (plain, nullable, defaulted)] == [False, True, False]


def test_a_bronze_table_holds_every_declared_column_as_text_and_where_the_row_came_from() -> None:
    source = Source(
        grain="One row per return.",
        fields=(Field("return_id"), Field("quantity", at_least=1)),
        key=("return_id",),
        references=(Reference(("order_id",), "orders"),),
    ).bound("returns")
    table = source.table
    assert table.full_name == "bronze.returns"
    assert [(column.type, column.nullable) for column in table.columns[:2]] == [("text", True)] * 2
    assert [column.name for column in source.columns] == ["return_id", "quantity"]
    assert {column.name for column in PROVENANCE} <= set(table.names)
    assert (table.partition, table.served) == ("landing_date", False)
