from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.errors import QueryError, SettingsError, UnreadableExport
from contracts.settings import Settings
from pipelines.importers.run import import_export

SETTINGS = """
title = "Till roll"
currency = "EUR"
[columns]
number = ["No"]
day = ["Day"]
amount = ["Amount"]
[timestamps]
day = ["%d.%m.%Y"]
"""
ACCOUNTING = """
select row_id, case when amount is null then 'no amount' else 'receipt' end as row_class,
    case when amount is not null then 'orders' end as mapped_as, null as detail from export
"""
ORDERS = """
select cast(day as date) as landing_date, number as order_id, 'created' as status, day as created_at,
    'card' as payment_method, 'EUR' as currency, day as updated_at from export where amount is not null
"""
HEADER = ("No", "Day", "Amount")


@pytest.fixture
def till_roll(tmp_path: Path) -> Path:
    folder = tmp_path / "till-roll"
    folder.mkdir()
    (folder / "_mapping.toml").write_text(SETTINGS)
    (folder / "_accounting.sql").write_text(ACCOUNTING)
    (folder / "orders.sql").write_text(ORDERS)
    return folder


def test_a_shops_own_mapping_is_a_folder_of_selects_and_no_python(
    settings: Settings, till_roll: Path, write_export: Callable[..., Path]
) -> None:
    steps: list[str] = []
    path = write_export([("1", "31.12.2010", "5"), ("2", "01.01.2011", "")], HEADER)

    summary = import_export(till_roll, [path], settings, steps.append)

    landed = settings.landing / "2010-12-31" / "orders_till_roll.csv"
    assert landed.read_text() == (
        "order_id,status,created_at,payment_method,currency,updated_at\n"
        "1,created,2010-12-31 00:00:00,card,EUR,2010-12-31 00:00:00\n"
    )
    assert summary.folders == (settings.landing / "2010-12-31",)
    assert [(kind.name, kind.mapped_as, kind.rows) for kind in summary.classes] == [
        ("receipt", "orders", 1),
        ("no amount", None, 1),
    ]
    assert summary.details.read_text().splitlines()[1:] == ["export.csv,,2,no amount,,2,2011-01-01 00:00:00,"]
    assert steps == ["reading export.csv", "mapping", "writing landing folders"]
    assert (settings.home / "tillhouse.toml").read_text() == 'currency = "EUR"\n'


@pytest.mark.parametrize(
    "accounting",
    [
        ACCOUNTING + " where amount is not null",
        ACCOUNTING + " union all " + ACCOUNTING,
        "select row_id, null as row_class, null as mapped_as, null as detail from export",
    ],
)
def test_a_mapping_that_does_not_account_for_each_row_once_is_stopped_before_anything_is_written(
    settings: Settings, till_roll: Path, write_export: Callable[..., Path], accounting: str
) -> None:
    (till_roll / "_accounting.sql").write_text(accounting)
    path = write_export([("1", "31.12.2010", "5"), ("2", "01.01.2011", "")], HEADER)

    with pytest.raises(QueryError, match="of the export's 2 rows"):
        import_export(till_roll, [path], settings)

    assert not settings.home.exists()


def test_a_broken_file_among_good_ones_stops_the_import_before_anything_is_written(
    settings: Settings, till_roll: Path, write_export: Callable[..., Path]
) -> None:
    good = write_export([("1", "31.12.2010", "5")], HEADER, name="a.csv")
    broken = write_export([("1", "31.12.2010")], HEADER, name="b.csv")

    with pytest.raises(UnreadableExport, match=str(broken)):
        import_export(till_roll, [good.parent], settings)

    assert not settings.home.exists()


def test_another_currency_than_the_homes_is_refused(
    tmp_path: Path, till_roll: Path, write_export: Callable[..., Path]
) -> None:
    path = write_export([("1", "31.12.2010", "5")], HEADER)

    with pytest.raises(SettingsError, match="EUR"):
        import_export(till_roll, [path], Settings(home=tmp_path / "home", currency="GBP"))

    assert not (tmp_path / "home").exists()


def test_a_day_imported_again_is_replaced_and_a_source_it_has_no_more_becomes_a_header(
    settings: Settings, till_roll: Path, write_export: Callable[..., Path]
) -> None:
    (till_roll / "customers.sql").write_text(
        "select cast(day as date) as landing_date, number as customer_id, day as updated_at from export"
        " where number = '9'"
    )
    import_export(till_roll, [write_export([("9", "31.12.2010", "5"), ("1", "31.12.2010", "5")], HEADER)], settings)
    home = Settings(home=settings.home, currency="EUR")

    summary = import_export(till_roll, [write_export([("1", "31.12.2010", "5")], HEADER)], home)

    day = settings.landing / "2010-12-31"
    assert (day / "customers_till_roll.csv").read_text().count("\n") == 1
    assert (day / "orders_till_roll.csv").read_text().count("\n") == 2
    assert summary.changed_files == 2


def test_a_file_without_a_record_lands_nothing(
    settings: Settings, till_roll: Path, write_export: Callable[..., Path]
) -> None:
    summary = import_export(till_roll, [write_export([], HEADER)], settings)

    assert (summary.rows, summary.folders, summary.first_date) == (0, (), None)
