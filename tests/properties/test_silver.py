"""Silver against a slow reference in plain Python, and against itself when rows arrive in another order.

An example is a handful of tiny shops whose keys carry the shop's number, so that one build judges them all.
"""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.registry import sources, tables
from contracts.settings import Settings
from pipelines.silver.from_all import Silver, build

EXAMPLES = 6
CHOSEN = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
NOW = datetime(2024, 6, 1)

# Per source: values its columns take in a tiny shop (None: absent), and what a bad row has instead.
KEYS = {
    "customers": ("customer_id",),
    "products": ("product_id",),
    "stores": ("store_id",),
    "orders": ("order_id",),
    "order_items": ("order_id", "line_number"),
    "returns": ("return_id",),
    "inventory_movements": ("movement_id",),
}
DOMAIN: dict[str, dict[str, tuple[str | None, ...]]] = {
    "customers": {"customer_id": ("a", "b"), "updated_at": ("2024-01-01",)},
    "products": {
        "product_id": ("p", "q"),
        "product_name": ("Lamp",),
        "list_price": ("1",),
        "updated_at": ("2024-01-01", "2024-01-02"),
    },
    "stores": {"store_id": ("s",), "store_name": ("Shop",), "channel": ("web",), "updated_at": ("2024-01-01",)},
    "orders": {
        "order_id": ("o", "n"),
        "customer_id": ("a", "b", None),
        "store_id": ("s", None, None),
        "status": ("created",),
        "created_at": ("2024-01-01", "2024-01-05"),
        "payment_method": ("card",),
        "currency": ("USD",),
        "updated_at": ("2024-01-01",),
    },
    "order_items": {
        "order_id": ("o", "n"),
        "line_number": ("1", "2"),
        "product_id": ("p", "q"),
        "quantity": ("3", "2"),
        "unit_price": ("1",),
        "discount_amount": ("0",),
        "tax_amount": ("0",),
    },
    "returns": {
        "return_id": ("r", "t", "u"),
        "order_id": ("o", "o", "n"),
        "line_number": ("1", "1", "2"),
        "quantity": ("1", "2", "3"),
        "returned_at": ("2024-01-10",),
    },
    "inventory_movements": {
        "movement_id": ("m", "k"),
        "product_id": ("p", "q"),
        "movement_type": ("receipt",),
        "quantity": ("1",),
        "occurred_at": ("2024-01-01",),
    },
}
IDS = {name for name in {column for columns in DOMAIN.values() for column in columns} if name.endswith("_id")}
BAD = {
    "customers": ("updated_at", "soon", "updated_at:type"),
    "products": ("list_price", "-1", "list_price:ge_0"),
    "stores": ("channel", "shop", "channel:enum"),
    "orders": ("currency", "EUR", "currency:mismatch"),
    "order_items": ("quantity", "0", "quantity:ge_1"),
    "returns": ("returned_at", None, "returned_at:null"),
    "inventory_movements": ("quantity", "0", "quantity:ge_1"),
}
REFERENCES = {
    "orders": (("customer_id",), "customers"),
    "order_items": (("product_id",), "products"),
    "inventory_movements": (("product_id",), "products"),
}

Place = tuple[str, date, str, int]


@dataclass(frozen=True)
class Row:
    """A landed row, and what the reference needs to know of it."""

    source: str
    values: Mapping[str, str | None]
    bad: bool
    ragged: bool
    deleted: str | None
    ingested_at: str | None
    day: date
    file: str
    number: int

    @property
    def place(self) -> Place:
        return (self.source, self.day, self.file, self.number)

    @property
    def key(self) -> tuple[str | None, ...]:
        return tuple(self.values[name] for name in KEYS[self.source])

    @property
    def tombstone(self) -> bool:
        return self.deleted in ("true", "1") and not self.ragged

    @property
    def order(self) -> tuple[datetime, date, str, int]:
        stamp = self.ingested_at or self.day.isoformat()
        return (datetime.fromisoformat(stamp), self.day, self.file, self.number)


@st.composite
def shop_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """One good row of each parent, then a few of everything, mostly good and mostly no tombstones."""
    rows = [
        {
            "source": source,
            "values": {name: of[0] for name, of in DOMAIN[source].items()},
            "bad": False,
            "ragged": False,
            "deleted": None,
            "ingested_at": None,
            "day": date(2024, 1, 1),
            "file": "a.csv",
        }
        for source in ("customers", "products", "orders", "order_items")
    ]
    for source, columns in DOMAIN.items():
        sent = st.fixed_dictionaries(
            {
                "source": st.just(source),
                "values": st.fixed_dictionaries({name: st.sampled_from(of) for name, of in columns.items()}),
                "bad": st.sampled_from([False] * 7 + [True]),
                "ragged": st.sampled_from([False] * 15 + [True]),
                "deleted": st.sampled_from([None] * 7 + ["false", "true", "1", "perhaps"]),
                "ingested_at": st.sampled_from([None, None, "2024-01-01", "2024-01-02", "2024-01-03"]),
                "day": st.sampled_from([date(2024, 1, 1), date(2024, 1, 2)]),
                "file": st.sampled_from(["a.csv", "é.csv"]),
            }
        )
        rows += draw(st.lists(sent, max_size=5 if source == "returns" else 2))
    return rows


@st.composite
def landings(draw: st.DrawFn) -> list[Row]:
    """The rows of several shops, numbered within their files."""
    numbers: dict[tuple[str, date, str], int] = {}
    rows = []
    for shop, drawn in enumerate(draw(st.lists(shop_rows(), min_size=1, max_size=8))):
        for row in drawn:
            values: dict[str, str | None] = {
                name: f"{shop}{value}" if name in IDS and value else value for name, value in row["values"].items()
            }
            if row["bad"]:
                column, value, _ = BAD[row["source"]]
                values[column] = value
            file = (row["source"], row["day"], row["file"])
            numbers[file] = numbers.get(file, 0) + 1
            rows.append(Row(**{**row, "values": values}, number=numbers[file]))
    return rows


def bronze(rows: list[Row]) -> dict[str, pl.DataFrame]:
    """The rows as bronze holds them, in the order given."""
    frames = {}
    for name, source in sources().items():
        records = []
        for row in rows:
            if row.source != name:
                continue
            known = {"ingested_at": row.ingested_at, "deleted": row.deleted}
            extra = [*row.values.values()] if row.ragged else {key: text for key, text in known.items() if text}
            records.append(
                {column: row.values.get(column) for column in source.names}
                | {
                    "extra": json.dumps(extra) if extra else None,
                    "landing_date": row.day,
                    "ingested_at": row.order[0],
                    "source_file": row.file,
                    "row_number": row.number,
                    "row_hash": "0" * 16,
                    "file_hash": "",
                    "run_id": "run",
                }
            )
        frames[name] = pl.DataFrame(records, schema=source.table.polars_schema())
    return frames


def silver(rows: list[Row], quarantine: pl.DataFrame | None = None) -> Silver:
    chosen = Settings(home=Path("unused"), currency="USD", timezone="UTC")
    before = tables("silver")["quarantine"].empty() if quarantine is None else quarantine
    return build(bronze(rows), chosen, "run", NOW, before)


@dataclass
class Expected:
    """What must come out: places of rows, and the reasons of those kept out."""

    current: dict[str, dict[tuple[str | None, ...], Row]]
    quarantined: dict[Place, list[str]]
    versions: set[Place]


def reference(rows: list[Row]) -> Expected:
    """The rules of which row wins, tombstones, orphans and what was sold, one row at a time."""
    current: dict[str, dict[tuple[str | None, ...], Row]] = {}
    quarantined: dict[Place, list[str]] = {}
    versions: set[Place] = set()
    any_store = any(row.source == "stores" for row in rows)
    for source in DOMAIN:
        good = []
        for row in sorted((row for row in rows if row.source == source), key=lambda row: row.order):
            found = own_reasons(row) or orphan_reasons(row, current, any_store)
            if found:
                quarantined[row.place] = found
            else:
                good.append(row)
        if source == "returns":
            good = without_excess(good, current["order_items"], quarantined)
        latest = {row.key: row for row in good}
        current[source] = {key: row for key, row in latest.items() if not row.tombstone}
        if source == "products":
            states = {(*row.key, row.values["updated_at"]): row for row in good if not row.tombstone}
            versions = {row.place for row in states.values() if row.key in current[source]}
    return Expected(current, quarantined, versions)


def own_reasons(row: Row) -> list[str]:
    if row.ragged:
        return ["row:ragged"]
    found = [BAD[row.source][2]] if row.bad and not row.tombstone else []
    return found + (["deleted:type"] if row.deleted == "perhaps" else [])


def orphan_reasons(row: Row, current: dict[str, dict[Any, Row]], any_store: bool) -> list[str]:
    if row.tombstone:
        return []
    found = []
    value = row.values
    if row.source in ("order_items", "returns") and (value["order_id"],) not in current["orders"]:
        found.append("order_id:orphan")
    elif row.source == "returns" and (value["order_id"], value["line_number"]) not in current["order_items"]:
        found.append("line_number:orphan")
    if row.source in REFERENCES:
        columns, parent = REFERENCES[row.source]
        if value[columns[0]] is not None and (value[columns[0]],) not in current[parent]:
            found.append(f"{columns[0]}:orphan")
    if row.source == "orders" and any_store and value["store_id"] and (value["store_id"],) not in current["stores"]:
        found.append("store_id:orphan")
    return found


def without_excess(good: list[Row], lines: dict[Any, Row], quarantined: dict[Place, list[str]]) -> list[Row]:
    """Replay the returns; each row may stand if its line, this return's older row aside, still has the units."""
    buried = {row.key: row.order for row in good if row.tombstone}
    kept, standing = [], {}
    for row in good:
        if row.tombstone or (row.key in buried and row.order < buried[row.key]):
            kept.append(row)
            continue
        line = (row.values["order_id"], row.values["line_number"])
        others = sum(units for key, (where, units) in standing.items() if where == line and key != row.key)
        units = int(str(row.values["quantity"]))
        if others + units > int(str(lines[line].values["quantity"])):
            quarantined[row.place] = ["quantity:exceeds_sold"]
        else:
            standing[row.key] = (line, units)
            kept.append(row)
    return kept


def places(source: str, frame: pl.DataFrame) -> set[Place]:
    return {(source, *row) for row in frame.select("landing_date", "source_file", "row_number").rows()}


@settings(CHOSEN, max_examples=2 * EXAMPLES)
@given(landings())
def test_every_row_is_where_the_rules_put_it_and_counted_once(rows: list[Row]) -> None:
    built, expected = silver(rows), reference(rows)
    for source, by_key in expected.current.items():
        assert places(source, built.tables[source]) == {row.place for row in by_key.values()}, source
    quarantine = built.tables["quarantine"].select("source", "landing_date", "source_file", "row_number", "reasons")
    assert {row[:4]: sorted(row[4]) for row in quarantine.rows()} == {
        place: sorted(found) for place, found in expected.quarantined.items()
    }
    assert places("products", built.tables["product_versions"]) == expected.versions
    for source, landed, current, superseded, quarantined in built.conservation.rows():
        assert landed == sum(row.source == source for row in rows)
        assert landed == current + superseded + quarantined
        assert current == built.tables[source].height
        assert quarantined == quarantine.filter(pl.col("source") == source).height


@CHOSEN
@given(landings(), st.randoms(use_true_random=False))
def test_silver_of_any_order_of_loading_and_in_two_steps_is_the_same(rows: list[Row], chance: random.Random) -> None:
    at_once = silver(rows)
    shuffled = chance.sample(rows, len(rows))
    first = silver(shuffled[: len(rows) // 2])
    in_two = silver(shuffled, first.tables["quarantine"])
    for name, table in tables("silver").items():
        one, other = (built.tables[name].sort(table.key) for built in (at_once, in_two))
        if name == "quarantine":
            other = other.filter(pl.col("status") == "open")  # rows released on the way are a log
        assert one.equals(other), name
