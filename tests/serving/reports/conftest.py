"""A database of its own with the served schema, and a shop that a test fills by hand."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from contracts.settings import Settings
from serving import ddl, embedded, migrate, postgres
from serving.reports.publish import show, write_pending
from serving.run_records import __file__ as records_file

RUN = "run-1"


class Shop:
    """Rows of the served tables inside a transaction that is never committed."""

    def __init__(self, connection: sa.Connection, schema: str) -> None:
        self.connection = connection
        self._tables = {table.name: table for table in ddl.metadata(schema).tables.values()}

    def add(self, table: str, **values: Any) -> None:
        """One row; a column that is not given is null where it may be, else its type's zero."""
        definition = self._tables[table]
        missing = {
            column.name: _zero(column.type)
            for column in definition.columns
            if column.name not in values and not column.nullable
        }
        self.connection.execute(definition.insert(), [missing | values])

    def release(self, release_id: int, as_of: date, currency: str = "USD", timezone: str = "UTC") -> None:
        settings = {"currency": currency, "timezone": timezone, "refund_window_days": 30, "min_pair_orders": 5}
        self.connection.execute(
            sa.text(
                "insert into lakehouse.releases values"
                " (:id, :run, :as_of, :created, cast(:settings as jsonb), cast('{}' as jsonb))"
            ),
            {
                "id": release_id,
                "run": RUN,
                "as_of": as_of,
                "created": datetime(2024, 3, 1, 23, 30, tzinfo=UTC),
                "settings": json.dumps(settings),
            },
        )

    def day(self, day: date, orders: int, gross: str, refunds: str = "0", recognized: str = "0") -> None:
        """A day without discounts and taxes."""
        net = Decimal(gross) - Decimal(refunds)
        self.add(
            "fct_revenue_daily",
            date=day,
            orders=orders,
            gross_revenue=gross,
            refunds=refunds,
            net_revenue=net,
            aov=Decimal(gross) / orders if orders else None,
            recognized_net=recognized,
        )

    def days(self, last: date, count: int, orders: int, gross: str) -> None:
        for back in range(count):
            self.day(last - timedelta(days=back), orders, gross)

    def held_back(self, row_number: int, source: str, raw: dict[str, str], *reasons: str, **values: Any) -> None:
        self.add(
            "quarantine",
            **{
                "source": source,
                "landing_date": date(2024, 3, 1),
                "source_file": f"{source}.csv",
                "row_number": row_number,
                "raw": json.dumps(raw),
                "reasons": list(reasons),
                "status": "open",
            }
            | values,
        )

    def alert(self, product_id: str, severity: str, shortfall: int, **values: Any) -> None:
        self.add(
            "fct_inventory_alerts",
            **{
                "alert_id": f"alert-{product_id}",
                "product_id": product_id,
                "opened_on": date(2024, 2, 20),
                "severity": severity,
                "shortfall": shortfall,
            }
            | values,
        )

    def product(self, product_id: str, name: str) -> None:
        self.add(
            "dim_product",
            product_key=f"key-{product_id}",
            product_id=product_id,
            product_name=name,
            valid_from=datetime(1900, 1, 1),
            valid_to=datetime(9999, 12, 31),
            is_current=True,
        )


def _zero(kind: Any) -> Any:
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.Text):
        return ""
    return datetime(2024, 1, 1) if isinstance(kind, sa.DateTime) else 0


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    engine = postgres.engine(settings)
    with engine.begin() as connection:
        connection.execute(sa.text(Path(records_file).with_name("lakehouse.sql").read_text(encoding="utf-8")))
        target = migrate.prepare(connection)
        migrate.complete(connection, target, release_id=1)
        migrate.finish(connection, target)
    yield engine
    engine.dispose()
    embedded.stop(settings)


@pytest.fixture(scope="session")
def archive(database: sa.Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports folder of a shop of 400 days with two reports, one of them replaced."""
    reports = tmp_path_factory.mktemp("a shop's reports")
    last = date(2024, 3, 1)
    with database.connect() as connection, connection.begin() as transaction:
        shop = Shop(connection, "serving_v1")
        for back in range(400):
            orders = 3 + back % 4
            shop.day(last - timedelta(days=back), orders, str(30 * orders), recognized=str(28 * orders))
        for month, mature in ((date(2023, 12, 5), True), (date(2024, 1, 5), True), (date(2024, 2, 5), False)):
            for window in (7, 30, 90):
                shop.add(
                    "fct_cohort_ltv",
                    cohort_date=month,
                    window_days=window,
                    cohort_size=20,
                    retained_customers=window // 7,
                    net_revenue=10 * window,
                    is_mature=mature or window == 7,
                )
        for number in range(15):
            shop.product(f"SKU-{number}", f"A product with a rather long name, number {number} <b>&amp;")
            shop.alert(f"SKU-{number}", "stockout" if number % 3 == 0 else "at_risk", 30 - number)
            shop.add("fct_inventory_daily", date=last, product_id=f"SKU-{number}", at_risk=True)
        shop.add("conservation", source="orders", bronze_rows=5, current_rows=4, superseded_rows=1, quarantined_rows=0)
        shop.held_back(1, "order_items", {"quantity": "2", "unit_price": "10"}, "product_id:orphan")
        for release_id, as_of in ((1, last - timedelta(days=1)), (2, last), (3, last)):
            shop.release(release_id, as_of)
            write_pending(connection, reports, release_id)
            show(reports, release_id, as_of)
        transaction.rollback()
    return reports


@pytest.fixture
def shop(database: sa.Engine) -> Iterator[Shop]:
    with database.connect() as connection, connection.begin() as transaction:
        yield Shop(connection, "serving_v1")
        transaction.rollback()
