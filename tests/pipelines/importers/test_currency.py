from datetime import date
from pathlib import Path

import polars as pl
import pytest

from contracts.errors import SettingsError, UsageError
from contracts.registry import lake_tables
from contracts.settings import Settings, load_settings
from lake import delta
from pipelines.importers.currency import require_currency, write_currency

ORDERS = "order_id,status,created_at,payment_method,currency,updated_at\n1,created,2010-12-01,card,{},2010-12-01\n"


def land_orders(settings: Settings, currency: str) -> None:
    path = settings.landing / "2010-12-01" / "orders.csv"
    path.parent.mkdir(parents=True)
    path.write_text(ORDERS.format(currency))


def test_the_exports_currency_is_written_where_none_is_set_and_the_rest_of_the_file_stays(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TILLHOUSE_CURRENCY", raising=False)
    settings.home.mkdir()
    (settings.home / "tillhouse.toml").write_text("# ours\nrefund_window_days = 14\n")

    require_currency("GBP", settings)
    assert write_currency("GBP", settings)

    read_again = load_settings(home=settings.home)
    assert (read_again.currency, read_again.refund_window_days) == ("GBP", 14)
    assert not write_currency("GBP", read_again)


def test_another_currency_in_the_settings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="GBP and the setting currency is EUR"):
        require_currency("GBP", Settings(home=tmp_path, currency="EUR"))


def test_orders_landed_in_another_currency_are_refused(settings: Settings) -> None:
    land_orders(settings, "USD")

    with pytest.raises(UsageError, match=r"2010-12-01/orders\.csv has orders in USD"):
        require_currency("GBP", settings)


def test_orders_landed_in_the_same_currency_are_no_obstacle(settings: Settings) -> None:
    land_orders(settings, "GBP")

    require_currency("GBP", settings)


def test_orders_of_another_currency_in_the_lake_are_refused_when_landing_is_empty(settings: Settings) -> None:
    table = lake_tables()["bronze.orders"]
    delta.create(settings.lake, table)
    row = dict.fromkeys(table.names) | {
        "order_id": "1",
        "currency": "USD",
        "landing_date": date(2010, 12, 1),
        "source_file": "orders.csv",
        "row_number": 1,
        "row_hash": "0",
        "file_hash": "0",
        "run_id": "1",
    }
    frame = pl.DataFrame([row], schema=table.polars_schema())
    delta.append(settings.lake, table, frame, 0)

    with pytest.raises(UsageError, match="the lake has orders in USD"):
        require_currency("GBP", settings)
