"""A shop whose rows land as CSVs and become silver, each row written as what differs from a good one."""

import csv
import dataclasses
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from contracts.base import Source
from contracts.registry import sources, tables
from contracts.settings import Settings
from pipelines.bronze.ingest import bronze_rows, with_row_hashes
from pipelines.landing.folder import LandedFile
from pipelines.landing.read import read
from pipelines.silver.from_all import Silver, build

Row = Mapping[str, str | None]

GOOD: dict[str, dict[str, str]] = {
    "customers": {"customer_id": "C1", "full_name": "Ada", "updated_at": "2024-01-01"},
    "products": {"product_id": "P1", "product_name": "Lamp", "list_price": "10", "updated_at": "2024-01-01"},
    "stores": {"store_id": "S1", "store_name": "High Street", "channel": "retail", "updated_at": "2024-01-01"},
    "orders": {
        "order_id": "O1",
        "customer_id": "C1",
        "status": "created",
        "created_at": "2024-01-01T10:00:00",
        "payment_method": "card",
        "currency": "USD",
        "updated_at": "2024-01-01T10:00:00",
    },
    "order_items": {
        "order_id": "O1",
        "line_number": "1",
        "product_id": "P1",
        "quantity": "5",
        "unit_price": "10",
        "discount_amount": "0",
        "tax_amount": "0",
    },
    "returns": {
        "return_id": "R1",
        "order_id": "O1",
        "line_number": "1",
        "quantity": "1",
        "returned_at": "2024-01-08",
    },
    "inventory_movements": {
        "movement_id": "M1",
        "product_id": "P1",
        "movement_type": "receipt",
        "quantity": "1",
        "occurred_at": "2024-01-01",
    },
}
NOW = datetime(2024, 6, 1, 12, 0)


class Landed:
    """What has landed so far. Files are read as in a run; nothing is written to a lake."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[LandedFile, None] = {}

    def add(self, source: str, *rows: Row, day: str = "2024-01-01", name: str = "") -> "Landed":
        """Land one file of rows; a value of None leaves the field empty. A file of the same name is replaced."""
        self.folder.joinpath(day).mkdir(exist_ok=True)
        path = self.folder / day / f"{source}{name}.csv"
        header = list(dict.fromkeys([*sources()[source].names, *(column for row in rows for column in row)]))
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, header)
            writer.writeheader()
            writer.writerows(GOOD[source] | dict(row) for row in rows)
        self.files[LandedFile(path, date.fromisoformat(day), source)] = None
        return self

    def text(self, source: str, content: str, day: str = "2024-01-01") -> "Landed":
        """Land a file as it is written here."""
        self.add(source, day=day)
        (self.folder / day / f"{source}.csv").write_text(content, encoding="utf-8")
        return self

    def good(self, *names: str) -> "Landed":
        """Land one good row of each named source."""
        for name in names:
            self.add(name, {})
        return self

    def bronze(self, source: Source, settings: Settings) -> pl.DataFrame:
        """The source's rows as bronze holds them."""
        # A fresh LandedFile, because one remembers its hash.
        own = [dataclasses.replace(file) for file in self.files if file.source == source.name]
        if not own:
            return source.table.empty()
        rows = [bronze_rows(file, read(file.path, source), settings, "run") for file in own]
        return with_row_hashes(pl.concat(rows), source)

    def silver(self, before: Silver | None = None, run_id: str = "run", **settings: Any) -> Silver:
        """Silver of everything landed, on top of the quarantine of `before`."""
        chosen = Settings(home=self.folder, **settings)
        bronze = {name: self.bronze(source, chosen) for name, source in sources().items()}
        quarantine = before.tables["quarantine"] if before else tables("silver")["quarantine"].empty()
        return build(bronze, chosen, run_id, NOW, quarantine)


@pytest.fixture
def landed(tmp_path: Path) -> Landed:
    """Nothing has landed yet."""
    return Landed(tmp_path)


@pytest.fixture
def one_order(landed: Landed) -> Landed:
    """A good row of each source but stores and returns: order O1 of customer C1, line 1 of five lamps P1."""
    return landed.good("customers", "products", "orders", "order_items", "inventory_movements")


@pytest.fixture
def reasons() -> Callable[..., list[list[str]]]:
    """reasons(silver, source) -> the reasons of each open quarantined row, in the order of landing."""

    def of(silver: Silver, source: str) -> list[list[str]]:
        quarantine = silver.tables["quarantine"].filter((pl.col("source") == source) & (pl.col("status") == "open"))
        return quarantine.sort("landing_date", "source_file", "row_number")["reasons"].to_list()

    return of


@pytest.fixture
def counts() -> Callable[..., tuple[int, ...]]:
    """counts(silver, source) -> (bronze, current, superseded, quarantined) rows."""

    def of(silver: Silver, source: str) -> tuple[int, ...]:
        row = silver.conservation.filter(pl.col("source") == source).row(0)
        return tuple(row[1:])

    return of


@pytest.fixture
def values() -> Callable[..., list[tuple[Any, ...]]]:
    """values(silver, table, *columns) -> the rows of those columns, sorted."""

    def of(silver: Silver, table: str, *columns: str) -> list[tuple[Any, ...]]:
        return silver.tables[table].select(columns).sort(columns).rows()

    return of
