from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from contracts.errors import InfrastructureError, QueryError
from contracts.registry import sources
from pipelines.importers.landing_files import as_csv, files_by_day, header_only, replace_file, require_columns

PRODUCTS = sources()["products"]


def products(*rows: tuple[date, str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [(day, code, Decimal(price), datetime.fromisoformat(day.isoformat()), "x") for day, code, price in rows],
        schema={
            "landing_date": pl.Date(),
            "product_id": pl.String(),
            "list_price": pl.Decimal(18, 4),
            "updated_at": pl.Datetime("us"),
            "product_name": pl.String(),
        },
        orient="row",
    )


def test_each_day_gets_a_file_in_the_contracts_columns_and_the_order_of_the_key() -> None:
    first, second = date(2010, 12, 1), date(2010, 12, 2)

    files = dict(files_by_day(products((second, "a", "1"), (first, "b", "2.5"), (first, "a", "3")), PRODUCTS))

    assert files == {
        first: b"product_id,product_name,list_price,updated_at\n"
        b"a,x,3.0000,2010-12-01 00:00:00\nb,x,2.5000,2010-12-01 00:00:00\n",
        second: b"product_id,product_name,list_price,updated_at\na,x,1.0000,2010-12-02 00:00:00\n",
    }


def test_times_keep_their_fractions() -> None:
    at = pl.DataFrame({"at": [datetime.fromisoformat("2010-12-01 08:26:00.000120")]})

    assert as_csv(at).splitlines()[1].startswith(b"2010-12-01 08:26:00.00012")


def test_a_header_only_file_has_the_sources_columns() -> None:
    assert header_only(sources()["returns"]) == b"return_id,order_id,line_number,quantity,returned_at,reason\n"


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (products().drop("product_name"), "lacks product_name"),
        (products().drop("landing_date"), "lacks landing_date"),
        (products().with_columns(colour=pl.lit("red")), "yields colour"),
        (products().with_columns(landing_date=pl.lit("2010-12-01")), "no date"),
    ],
)
def test_rows_that_are_not_the_sources_are_refused(rows: pl.DataFrame, says: str) -> None:
    with pytest.raises(QueryError, match=f"products.sql of the mapping shop .*{says}"):
        require_columns(rows, PRODUCTS, "shop")


def test_a_file_with_the_same_content_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "2010-12-01" / "products.csv"

    assert replace_file(path, b"a\n")
    before = path.stat().st_mtime_ns
    assert not replace_file(path, b"a\n")
    assert path.stat().st_mtime_ns == before
    assert replace_file(path, b"b\n")
    assert [item.name for item in path.parent.iterdir()] == ["products.csv"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "landing").write_text("a file where a folder should be")

    with pytest.raises(InfrastructureError, match="cannot be written"):
        replace_file(tmp_path / "landing" / "2010-12-01" / "products.csv", b"a\n")
