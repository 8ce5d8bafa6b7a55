from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from contracts.errors import QueryError, UnreadableExport
from pipelines.importers.mapping import Mapping
from pipelines.importers.reading import Sheet
from pipelines.importers.staging import Staging

FORMS = ["%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%y %H:%M"]


def mapping(forms: list[str] = FORMS, **steps: str) -> Mapping:
    return Mapping(
        name="shop",
        title="A shop",
        currency="EUR",
        columns={"number": ["No", "Number"], "sold_at": ["When"]},
        timestamps={"sold_at": forms},
        steps=steps,
        selects={},
        lookups={},
    )


def sheet(*times: str | None, number: str = "No") -> Sheet:
    rows = pl.DataFrame(
        {number: ["7"] * len(times), "When": times, "More": "x"}, schema_overrides={"When": pl.String()}
    )
    return Sheet(Path("shop.csv"), None, rows)


def test_columns_are_found_by_any_of_their_headers_and_rows_numbered_over_all_sheets() -> None:
    staging = Staging(mapping())
    staging.add(sheet("2010-12-01 08:26:00"))
    staging.add(sheet("2010-12-02 08:26:00", None, number="Number"))

    assert staging.query("select row_id, row_number, number, sold_at from export order by row_id").rows() == [
        (1, 1, "7", datetime.fromisoformat("2010-12-01 08:26")),
        (2, 1, "7", datetime.fromisoformat("2010-12-02 08:26")),
        (3, 2, "7", None),
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (("12/1/2010 8:26",), "2010-12-01 08:26"),
        (("12/01/2010 08:26", "12/31/2010 08:26"), "2010-12-01 08:26"),
        (("12/1/10 8:26",), "2010-12-01 08:26"),
    ],
)
def test_month_first_times_are_read_and_said(written: tuple[str, ...], meant: str) -> None:
    staging = Staging(mapping())

    notes = staging.add(sheet(*written))

    assert staging.query("select sold_at from export where row_id = 1").item() == datetime.fromisoformat(meant)
    assert notes[0].startswith("When read as %m/%d/")


def test_times_that_could_be_day_first_as_well_are_refused() -> None:
    with pytest.raises(UnreadableExport, match="whether the day or the month stands first"):
        Staging(mapping()).add(sheet("01/12/2010 08:26", "02/12/2010 08:26"))


def test_day_first_times_are_read_where_the_mapping_says_so() -> None:
    staging = Staging(mapping(["%d.%m.%Y"]))

    staging.add(sheet("01.12.2010"))

    assert staging.query("select sold_at from export").item() == datetime.fromisoformat("2010-12-01")


@pytest.mark.parametrize("wrong", ["13/12/2010 08:26", "soon", "2010-12-01 08:26:00"])
def test_a_time_of_another_form_is_refused_with_its_record(wrong: str) -> None:
    with pytest.raises(UnreadableExport, match=f"'{wrong}' in record 2 of shop.csv"):
        Staging(mapping()).add(sheet("12/1/2010 8:26", wrong))


def test_a_file_without_a_needed_column_is_refused_with_what_it_has() -> None:
    with pytest.raises(UnreadableExport, match=r"shop\.csv has no column No or Number, only Bill, When, More"):
        Staging(mapping()).add(sheet("2010-12-01 08:26:00", number="Bill"))


def test_a_select_that_does_not_run_is_named() -> None:
    staging = Staging(mapping(totals="select nothing from export"))

    with pytest.raises(QueryError, match=r"_totals\.sql of the mapping shop does not run"):
        staging.build()


def test_a_mapping_reads_no_file(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    staging = Staging(mapping(stolen=f"select a from read_csv('{tmp_path / 'secret.csv'}')"))

    with pytest.raises(QueryError, match="disabled"):
        staging.build()
