import csv
import os
import runpy
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from contracts.settings import Settings
from pipelines.importers.run import import_export
from pipelines.importers.summary import ImportSummary

CHECK = runpy.run_path(str(Path(__file__).with_name("check_online_retail_ii.py")))
HEADER = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
TWO_YEARS = ("Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country")


@pytest.fixture(scope="module")
def sample() -> Path:
    shared = os.environ.get("TILLHOUSE_SHARED")
    if not shared:
        pytest.skip("TILLHOUSE_SHARED does not say where the shared samples are")
    return Path(shared) / "data" / "online_retail_ii"


@pytest.fixture(scope="module")
def sample_import(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, ImportSummary]:
    home = Settings(home=tmp_path_factory.mktemp("home"))
    return home, import_export("online-retail-ii", [sample], home)


@pytest.fixture(scope="module")
def sample_home(sample_import: tuple[Settings, ImportSummary]) -> Settings:
    return sample_import[0]


def landed(settings: Settings, source: str) -> list[dict[str, str]]:
    """The rows of a source over all days, with their landing_date."""
    rows = []
    for path in sorted(settings.landing.glob(f"*/{source}_online_retail_ii.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            rows += [{"landing_date": path.parent.name, **row} for row in csv.DictReader(handle)]
    return rows


def classes(summary: ImportSummary) -> dict[str, int]:
    return {kind.name: kind.rows for kind in summary.classes}


def row(
    invoice: str,
    quantity: int | str,
    at: str = "2010-12-01 08:26:00",
    *,
    code: str = "85123A",
    price: str = "2.55",
    customer: str = "17850.0",
    name: str = "WHITE HANGING HEART ",
    country: str = "United Kingdom",
) -> Sequence[str]:
    return (invoice, code, name, str(quantity), at, price, customer, country)


@pytest.fixture
def imported(settings: Settings, write_export: Callable[..., Path]) -> Callable[..., ImportSummary]:
    def run(*rows: Sequence[str], **written: Any) -> ImportSummary:
        return import_export("online-retail-ii", [write_export(rows, **written)], settings)

    return run


def test_orders_and_gross_revenue_of_each_day_equal_sums_over_the_published_files(
    sample: Path, sample_import: tuple[Settings, ImportSummary]
) -> None:
    home, summary = sample_import

    expected = CHECK["sums_of_export"](sorted(sample.glob("*.csv")))
    assert len(expected) == 31
    assert CHECK["sums_of_landing"](home.landing) == expected
    assert summary.rows == 58_991 == sum(kind.rows for kind in summary.classes)
    assert classes(summary)["order line"] == 57_857
    assert (summary.first_date, summary.last_date) == (date(2010, 12, 1), date(2011, 1, 16))


def test_two_overlapping_sheets_in_one_file_count_each_invoice_once(
    settings: Settings, write_export: Callable[..., Path], two_years: Callable[..., Any]
) -> None:
    first, second = two_years(20_000)
    path = write_export([*first, *second], header=TWO_YEARS, line_end="\r\n")

    summary = import_export("online-retail-ii", [path], settings)

    in_both = {line[0] for line in first} & {line[0] for line in second}
    repeated = sum(line[0] in in_both for line in second)
    assert repeated > 500
    assert summary.rows == len(first) + len(second) == sum(kind.rows for kind in summary.classes)
    assert classes(summary)["repeated invoice"] == repeated
    assert CHECK["sums_of_landing"](settings.landing) == CHECK["sums_of_export"]([path])


def test_the_order_of_two_files_that_overlap_changes_no_figure(
    tmp_path: Path, write_export: Callable[..., Path], two_years: Callable[..., Any]
) -> None:
    first, second = two_years(1_500)
    paths = [write_export(first, name="first.csv"), write_export(second, name="second.csv")]
    homes = [Settings(home=tmp_path / "forward"), Settings(home=tmp_path / "backward")]

    import_export("online-retail-ii", paths, homes[0])
    import_export("online-retail-ii", paths[::-1], homes[1])

    forward, backward = (CHECK["sums_of_landing"](home.landing) for home in homes)
    assert forward == backward == CHECK["sums_of_export"](paths)


def test_a_workbook_lands_the_same_bytes_as_the_same_rows_in_a_csv(
    tmp_path: Path,
    write_export: Callable[..., Path],
    write_workbook: Callable[..., Path],
    two_years: Callable[..., Any],
) -> None:
    first, second = two_years(1_500)
    as_csv, as_excel = Settings(home=tmp_path / "csv"), Settings(home=tmp_path / "excel")

    import_export("online-retail-ii", [write_export([*first, *second], header=TWO_YEARS)], as_csv)
    workbook = write_workbook({"Year 2009-2010": [TWO_YEARS, *first], "Year 2010-2011": [TWO_YEARS, *second]})
    summary = import_export("online-retail-ii", [workbook], as_excel)

    assert [sheet.label for sheet in summary.sheets] == [
        "export.xlsx, sheet Year 2009-2010",
        "export.xlsx, sheet Year 2010-2011",
    ]
    assert contents(as_excel.landing) == contents(as_csv.landing)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.csv")}


def test_importing_again_writes_nothing_and_leaves_every_byte(
    settings: Settings, write_export: Callable[..., Path], two_years: Callable[..., Any]
) -> None:
    path = write_export(two_years(1_000)[0])
    import_export("online-retail-ii", [path], settings)
    before = contents(settings.landing)

    again = import_export("online-retail-ii", [path], Settings(home=settings.home, currency="GBP"))

    assert again.changed_files == 0
    assert contents(settings.landing) == before
    assert not list(settings.landing.rglob("*.unfinished"))


def test_both_shapes_and_both_forms_of_time_land_the_same_bytes(
    tmp_path: Path, write_export: Callable[..., Path], two_years: Callable[..., Any]
) -> None:
    rows = two_years(1_000)[0]
    other = [
        (*line[:4], f"{at.month}/{at.day}/{at.year} {at.hour}:{at:%M}", line[5], line[6] and f"{line[6]}.0", line[7])
        for line in rows
        for at in [datetime.fromisoformat(line[4])]
    ]
    homes = [Settings(home=tmp_path / "iso"), Settings(home=tmp_path / "us")]

    import_export("online-retail-ii", [write_export(rows, header=TWO_YEARS)], homes[0])
    import_export("online-retail-ii", [write_export(other, encoding="utf-8-sig")], homes[1])

    assert contents(homes[0].landing) == contents(homes[1].landing)


def test_a_line_repeated_within_an_invoice_stays_and_a_copy_of_the_invoice_does_not(
    settings: Settings, imported: Callable[..., ImportSummary]
) -> None:
    twice = [row("536365", 6), row("536365", 6)]
    summary = imported(*twice, row("536366", 1), *twice)

    assert classes(summary) == {"order line": 3, "repeated invoice": 2}
    assert [(line["order_id"], line["line_number"]) for line in landed(settings, "order_items")] == [
        ("536365", "1"),
        ("536365", "2"),
        ("536366", "1"),
    ]


def test_an_invoice_split_by_another_loses_no_line(settings: Settings, imported: Callable[..., ImportSummary]) -> None:
    imported(row("536365", 6), row("536366", 1), row("536365", 7, code="71053"))

    assert [(line["order_id"], line["quantity"]) for line in landed(settings, "order_items")] == [
        ("536365", "6"),
        ("536365", "7"),
        ("536366", "1"),
    ]


def test_every_kind_of_row_is_counted_in_its_class(imported: Callable[..., ImportSummary]) -> None:
    summary = imported(
        row("536365", 6),
        row("536366", 5, code="22752", price="0"),
        row("536367", 0),
        row("536368", 1, price="-1.00"),
        row("536369", -3, price="0", customer=""),
        row("A563185", 1, code="B", price="11062.06"),
        row("C536370", -2, "2010-12-02 09:00:00"),
        row("C536371", -2, "2010-12-02 09:00:00", customer=""),
        row("C536372", -2, "2010-12-02 09:00:00", code="71053"),
        row("C536373", -9, "2010-12-02 09:00:00"),
        row("C536374", 2),
        row("536375", "six"),
        row("536376", 1, price="free"),
        row("", 1),
        row("12/34", 1),
        row("536377", 1, code=""),
        row("536378", 1, ""),
    )

    assert classes(summary) == {
        "order line": 2,
        "stock adjustment": 1,
        "return": 1,
        "return, matched in part": 1,
        "return of a guest, unmatched": 1,
        "return without an earlier sale, unmatched": 1,
        "ledger adjustment": 1,
        "quantity of zero": 1,
        "negative price": 1,
        "cancellation of no units": 1,
        "quantity is no whole number": 1,
        "price is no amount": 1,
        "no invoice number": 1,
        "invoice number not understood": 1,
        "no stock code": 1,
        "no invoice date": 1,
    }
    with summary.details.open(encoding="utf-8", newline="") as handle:
        details = {line["row_number"]: line for line in csv.DictReader(handle)}
    assert len(details) == summary.left_out + 1 == 13
    # 6 sold, 2 returned before, 9 asked for: 4 are left and 5 find nothing.
    assert details["10"]["detail"] == "5 of 9 units unmatched"


def test_an_order_is_delivered_at_its_first_time_on_the_day_of_it(
    settings: Settings, imported: Callable[..., ImportSummary]
) -> None:
    summary = imported(row("536365", 6, "2010-12-02 00:01:00"), row("536365", 1, "2010-12-01 23:59:00", code="71053"))

    (order,) = landed(settings, "orders")
    assert order["landing_date"] == "2010-12-01"
    assert {order[f"{state}_at"] for state in ("created", "paid", "fulfilled", "delivered")} == {"2010-12-01 23:59:00"}
    assert (order["status"], order["payment_method"], order["currency"]) == ("delivered", "other", "GBP")
    assert order["customer_id"] == "17850"
    assert {line["landing_date"] for line in landed(settings, "order_items")} == {"2010-12-01"}
    assert summary.notes == ("1 invoices have several timestamps; each is created at its first",)


def test_a_missing_customer_is_a_guest(settings: Settings, imported: Callable[..., ImportSummary]) -> None:
    imported(row("536365", 6, customer=""))

    assert landed(settings, "orders")[0]["customer_id"] == ""
    assert landed(settings, "customers") == []


def test_a_product_lands_on_the_days_its_most_common_price_changes(
    settings: Settings, imported: Callable[..., ImportSummary]
) -> None:
    def sold(invoice: int, day: int, price: str, quantity: int = 1) -> Sequence[str]:
        return row(str(invoice), quantity, f"2010-12-{day:02} 10:00:00", price=price)

    imported(
        *(sold(1, 1, "2.55"), sold(2, 1, "2.55"), sold(3, 1, "5.06", 100)),  # two lines against one
        *(sold(4, 2, "2.55"), sold(5, 2, "3.00", 2)),  # a tie: more units
        *(sold(6, 3, "3.00"), sold(7, 3, "2.00")),  # a tie of units too: the higher price, as before
        sold(8, 6, "2.55"),
    )

    assert [(line["landing_date"], line["list_price"]) for line in landed(settings, "products")] == [
        ("2010-12-01", "2.5500"),
        ("2010-12-02", "3.0000"),
        ("2010-12-06", "2.5500"),
    ]
    assert {line["product_name"] for line in landed(settings, "products")} == {"WHITE HANGING HEART"}


def test_a_product_seen_only_in_an_adjustment_lands_that_day_under_its_code(
    settings: Settings, imported: Callable[..., ImportSummary]
) -> None:
    imported(
        row("536365", -10, name="", price="0", customer=""),
        row("536366", 1, "2010-12-03 08:00:00", name="", price="1.25"),
    )

    assert [
        (line["landing_date"], line["product_name"], line["list_price"]) for line in landed(settings, "products")
    ] == [
        ("2010-12-01", "85123A", "0.0000"),
        ("2010-12-03", "85123A", "1.2500"),
    ]
    (movement,) = landed(settings, "inventory_movements")
    assert (movement["movement_id"], movement["movement_type"], movement["quantity"]) == (
        "536365-1",
        "adjustment",
        "-10",
    )


def test_a_customer_lands_when_first_seen_and_when_the_country_changes(
    settings: Settings, imported: Callable[..., ImportSummary]
) -> None:
    summary = imported(
        row("0", 1, "2010-12-01 07:00:00", country="France"),  # the day's last country counts
        row("1", 1, country="EIRE"),
        row("2", 1, "2010-12-02 08:00:00", country="eire"),
        row("3", 1, "2010-12-03 08:00:00", country="Channel Islands"),
        row("4", 1, "2010-12-04 08:00:00", country="Atlantis"),
        row("5", 1, "2010-12-05 08:00:00", country="Unspecified"),
    )

    assert [(line["landing_date"], line["country"]) for line in landed(settings, "customers")] == [
        ("2010-12-01", "IE"),
        ("2010-12-03", "JE"),
        ("2010-12-04", ""),
    ]
    assert summary.notes == ("country Atlantis is not in countries.csv: 1 rows, their customers land without one",)


def test_a_return_takes_from_the_latest_earlier_sale_first_and_goes_on_to_the_one_before(
    settings: Settings, imported: Callable[..., ImportSummary]
) -> None:
    imported(
        row("1", 5, "2010-12-01 08:00:00"),
        row("2", 3, "2010-12-02 08:00:00"),
        row("C3", -4, "2010-12-03 08:00:00"),  # 3 of order 2, 1 of order 1
        row("4", 2, "2010-12-04 08:00:00"),
        row("C5", -3, "2010-12-05 08:00:00"),  # 2 of order 4, 1 of order 1
        row("C6", -9, "2010-12-06 08:00:00"),  # the 3 left of order 1, 6 unmatched
        row("7", 9, "2010-12-07 08:00:00"),  # after every return
    )

    assert returned(settings) == [
        ("2010-12-03", "C3-1-1", "2", 3),
        ("2010-12-03", "C3-1-2", "1", 1),
        ("2010-12-05", "C5-1-1", "4", 2),
        ("2010-12-05", "C5-1-2", "1", 1),
        ("2010-12-06", "C6-1-1", "1", 3),
    ]


def test_a_return_takes_nothing_of_another_customer_or_product_or_a_later_sale(
    settings: Settings, imported: Callable[..., ImportSummary]
) -> None:
    summary = imported(
        row("1", 5, customer="12346"),
        row("2", 5, code="71053"),
        row("C3", -5, "2010-12-02 08:00:00"),
        row("4", 5, "2010-12-03 08:00:00"),
    )

    assert returned(settings) == []
    assert classes(summary)["return without an earlier sale, unmatched"] == 1


def returned(settings: Settings) -> list[tuple[str, str, str, int]]:
    return [
        (line["landing_date"], line["return_id"], line["order_id"], int(line["quantity"]))
        for line in landed(settings, "returns")
    ]


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["12346", "13085", "17850"]),
        st.sampled_from(["85123A", "71053"]),
        st.integers(-6, 6).filter(bool),
    ),
    min_size=1,
    max_size=90,
)


@examples(max_examples=10, deadline=None)
@given(EVENTS)
def test_returns_are_matched_as_a_stack_of_single_units_would_be(events: list[tuple[str, str, int]]) -> None:
    stacks: dict[tuple[str, str], list[str]] = defaultdict(list)
    expected: Counter[tuple[str, str]] = Counter()
    rows = []
    for number, (customer, code, quantity) in enumerate(events):
        invoice = str(number) if quantity > 0 else f"C{number}"
        at = datetime.fromisoformat("2010-12-01") + timedelta(hours=number)
        rows.append(row(invoice, quantity, f"{at:%Y-%m-%d %H:%M:%S}", customer=customer, code=code))
        stack = stacks[customer, code]
        if quantity > 0:
            stack += [invoice] * quantity
        else:
            expected.update((invoice, stack.pop()) for _ in range(min(-quantity, len(stack))))

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        with path.open("w", newline="") as handle:
            csv.writer(handle).writerows([HEADER, *rows])
        home = Settings(home=Path(folder) / "home")
        import_export("online-retail-ii", [path], home)
        found = Counter[tuple[str, str]]()
        for _, return_id, order_id, quantity in returned(home):
            found[return_id.split("-")[0], order_id] += quantity

    assert found == expected


@pytest.mark.parametrize(
    ("source", "column", "parent", "key"),
    [
        ("order_items", "order_id", "orders", "order_id"),
        ("order_items", "product_id", "products", "product_id"),
        ("inventory_movements", "product_id", "products", "product_id"),
        ("orders", "customer_id", "customers", "customer_id"),
        ("returns", "order_id", "orders", "order_id"),
    ],
)
def test_a_parent_lands_no_later_than_the_rows_that_name_it(
    sample_home: Settings, source: str, column: str, parent: str, key: str
) -> None:
    first_landed: dict[str, str] = {}
    for line in landed(sample_home, parent):
        first_landed.setdefault(line[key], line["landing_date"])

    late = [
        line
        for line in landed(sample_home, source)
        if line[column] and first_landed.get(line[column], "9999") > line["landing_date"]
    ]

    assert late == []


def test_no_line_of_the_published_files_is_returned_beyond_what_was_sold(sample_home: Settings) -> None:
    sold = {
        (line["order_id"], line["line_number"]): int(line["quantity"]) for line in landed(sample_home, "order_items")
    }
    taken: Counter[tuple[str, str]] = Counter()
    for line in landed(sample_home, "returns"):
        taken[line["order_id"], line["line_number"]] += int(line["quantity"])

    assert taken
    assert all(quantity <= sold[line] for line, quantity in taken.items())


def test_amounts_keep_four_places_rounded_half_away_from_zero(
    settings: Settings, imported: Callable[..., ImportSummary]
) -> None:
    imported(row("1", 1, price="0.00125"))

    (line,) = landed(settings, "order_items")
    assert Decimal(line["unit_price"]) == Decimal("0.0013")
