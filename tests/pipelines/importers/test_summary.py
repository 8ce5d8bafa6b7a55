from datetime import date
from pathlib import Path

from pipelines.importers.summary import ImportedSheet, ImportSummary, RowClass


def summary(sheets: int = 2) -> ImportSummary:
    return ImportSummary(
        title="A shop",
        currency="EUR",
        currency_written=True,
        sheets=tuple(
            ImportedSheet(f"{n}.csv", 10, ("read as Latin-1",) if n == 2 else ()) for n in range(1, sheets + 1)
        ),
        classes=(RowClass("order line", "order_items", 10 * sheets - 3), RowClass("quantity of zero", None, 3)),
        notes=("one thing",),
        landed={"orders": 4},
        folders=(Path("landing/2010-12-01"), Path("landing/2010-12-03")),
        changed_files=2,
        details=Path("logs/import_shop.csv"),
        first_date=date(2010, 12, 1),
        last_date=date(2010, 12, 3),
    )


def test_the_rows_are_those_mapped_and_those_left_out() -> None:
    assert (summary().rows, summary().mapped, summary().left_out) == (20, 17, 3)


def test_the_text_names_every_class_the_dates_and_the_currency() -> None:
    text = "\n".join(summary().lines())

    for said in (
        "10  2.csv (read as Latin-1)",
        "17  order line -> order_items",
        "3  quantity of zero (left out)",
        "20  in all: 17 mapped, 3 left out",
        "2 landing folders from 2010-12-01 to 2010-12-03",
        "Amounts are EUR, now written to tillhouse.toml.",
        "Note: one thing.",
        "logs/import_shop.csv",
    ):
        assert said in text


def test_many_files_are_summed_in_one_line_and_what_is_unusual_about_them_counted() -> None:
    lines = summary(sheets=9).lines()

    assert any(line.strip() == "40  4 more, to 9.csv" for line in lines)
    assert any("10  2.csv (read as Latin-1)" in line for line in lines)
