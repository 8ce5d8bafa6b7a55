from pathlib import Path

import pytest

from contracts.errors import QueryError, TillhouseError, UsageError
from pipelines.importers.mapping import built_in, load_mapping

SETTINGS = """
title = "A shop"
currency = "EUR"
[columns]
number = ["No"]
"""
ACCOUNTING = "select row_id, 'order' as row_class, 'orders' as mapped_as, null as detail from numbered"
ORDERS = "select number as order_id from numbered"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "my-shop"
    folder.mkdir()
    (folder / "_mapping.toml").write_text(SETTINGS)
    (folder / "_accounting.sql").write_text(ACCOUNTING)
    (folder / "_numbered.sql").write_text(
        "with numbered as (select row_id, number from export) select * from numbered;\n"
    )
    (folder / "orders.sql").write_text(ORDERS)
    (folder / "countries.csv").write_text("name,code\nEIRE,IE\n")
    return folder


def test_a_folder_is_read_with_each_table_after_the_ones_it_reads(folder: Path) -> None:
    mapping = load_mapping(folder)

    assert (mapping.name, mapping.title, mapping.currency) == ("my_shop", "A shop", "EUR")
    assert list(mapping.steps) == ["numbered", "accounting"]
    assert mapping.selects == {"orders": ORDERS}
    assert list(mapping.lookups) == ["countries"]


def test_online_retail_ii_is_built_in() -> None:
    assert "online-retail-ii" in built_in()
    assert load_mapping("online-retail-ii").currency == "GBP"


@pytest.mark.parametrize(
    ("file", "content", "error", "says"),
    [
        ("_mapping.toml", "title = ", UsageError, "not valid TOML"),
        ("_mapping.toml", SETTINGS.replace("EUR", "euros"), UsageError, "currency"),
        ("_mapping.toml", SETTINGS + "[sorts]\n", UsageError, "sorts"),
        ("_mapping.toml", SETTINGS + '[timestamps]\nsold_at = ["%Y"]\n', UsageError, "timestamps.sold_at"),
        ("sales.sql", ORDERS, UsageError, "no source"),
        ("orders.sql", "select (", QueryError, "orders.sql does not parse"),
        ("orders.sql", "drop table export", QueryError, "not one SELECT"),
        ("orders.sql", f"{ORDERS}; {ORDERS}", QueryError, "not one SELECT"),
        ("_numbered.sql", "select row_id from accounting", QueryError, "circle"),
    ],
)
def test_a_wrong_mapping_is_refused_with_the_file_at_fault(
    folder: Path, file: str, content: str, error: type[TillhouseError], says: str
) -> None:
    (folder / file).write_text(content)

    with pytest.raises(error, match=says):
        load_mapping(folder)


@pytest.mark.parametrize("file", ["_accounting.sql", "orders.sql"])
def test_a_mapping_without_accounting_or_without_a_source_is_refused(folder: Path, file: str) -> None:
    (folder / file).unlink()

    with pytest.raises(UsageError, match=r"needs an _accounting\.sql and at least one <source>\.sql"):
        load_mapping(folder)


def test_an_unknown_mapping_names_the_ones_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="online-retail-ii"):
        load_mapping(tmp_path / "nothing")
