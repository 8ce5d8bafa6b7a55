"""Silver and gold brought up to date load by load are what all of bronze gives, row for row."""

import os
import tempfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from contracts.registry import lake_tables, sources, tables
from contracts.settings import Settings
from lake import connection, delta
from lake.release import Release
from pipelines.bronze import ingest
from pipelines.gold import build
from pipelines.gold.refresh import refresh as refresh_gold
from pipelines.landing.folder import LandedFile
from pipelines.silver.from_all import build as build_silver
from pipelines.silver.refresh import refresh as refresh_silver

EXAMPLES = max(10, int(os.environ.get("HYPOTHESIS_EXAMPLES", "500")) // 50)
SHOP = Settings(min_pair_orders=1)
NOW = datetime(2024, 6, 1)

# A small living shop, nearly all of it good, so that figures move: prices and costs, first orders, returns, stock.
DAYS = [f"2024-01-{day:02}T10:00:00" for day in (1, 2, 3, 4, 5, 8)] + ["2024-02-20T09:00:00", "2023-12-30"]
DELETED = ["", "", "", "", "", "", "", "true"]
VALUES: dict[str, Mapping[str, list[str]]] = {
    "customers": {"customer_id": ["C1", "C2"], "country": ["GB", "DE"], "updated_at": DAYS, "deleted": DELETED},
    "products": {
        "product_id": ["P1", "P2"],
        "product_name": ["Lamp"],
        "category": ["Light", ""],
        "list_price": ["10", "10", "12"],
        "unit_cost": ["4", "5", ""],
        "reorder_point": ["3", "3", "3", "6"],
        "updated_at": DAYS,
        "deleted": DELETED,
    },
    "stores": {
        "store_id": ["S1", "S2"],
        "store_name": ["High Street"],
        "channel": ["retail", "web"],
        "updated_at": DAYS,
        "deleted": DELETED,
    },
    "orders": {
        "order_id": ["O1", "O2", "O3", "O4", "O5"],
        "customer_id": ["C1", "C1", "C2", ""],
        "store_id": ["", "S1", "S2"],
        "status": ["paid", "delivered", "delivered", "returned", "cancelled", "created"],
        "created_at": DAYS[:6],
        "paid_at": ["2024-01-09"],
        "delivered_at": ["2024-01-09", "2024-01-10T08:00", "2024-01-12"],
        "returned_at": ["2024-01-20", "2024-02-25"],
        "cancelled_at": ["2024-01-11"],
        "payment_method": ["card"],
        "currency": ["USD"],
        "updated_at": DAYS,
        "deleted": DELETED,
    },
    "order_items": {
        "order_id": ["O1", "O2", "O3", "O4", "O5"],
        "line_number": ["1", "2"],
        "product_id": ["P1", "P2"],
        "quantity": ["3", "3", "5"],
        "unit_price": ["10", "9.99"],
        "discount_amount": ["0", "1"],
        "tax_amount": ["2"],
        "deleted": DELETED,
    },
    "returns": {
        "return_id": ["R1", "R2", "R3"],
        "order_id": ["O1", "O2", "O3", "O4"],
        "line_number": ["1", "2"],
        "quantity": ["1", "2"],
        "returned_at": ["2024-01-13", "2024-01-16", "2024-02-20", "2024-03-01"],
        "deleted": DELETED,
    },
    "inventory_movements": {
        "movement_id": ["M1", "M2", "M3", "M4", "M5"],
        "product_id": ["P1", "P2"],
        "movement_type": ["receipt", "shipment", "allocation", "release"],
        "quantity": ["1", "4", "9"],
        "occurred_at": DAYS,
        "deleted": DELETED,
    },
}
LANDINGS = ["2024-01-10", "2024-01-14", "2024-01-15", "2024-02-25", "2024-02-26"]
Row = tuple[str, ...]
Load = tuple[str, dict[str, list[Row]]]


def rows(source: str, least: int) -> st.SearchStrategy[list[Row]]:
    row = st.tuples(*(st.sampled_from(values) for values in VALUES[source].values()))
    return st.lists(row, min_size=least, max_size=5)


# The first load holds a bit of everything but stores, whose first file is a case of its own.
FIRST = st.fixed_dictionaries({name: rows(name, 3) for name in VALUES if name != "stores"})
LATER = st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: rows(name, 1) for name in names})
)
LOADS = st.tuples(
    st.tuples(st.sampled_from(LANDINGS), FIRST),
    st.lists(st.tuples(st.sampled_from(LANDINGS), LATER), min_size=2, max_size=4),
).map(lambda parts: [parts[0], *parts[1]])


class Shop:
    """A lake that is loaded day by day."""

    def __init__(self, place: Path) -> None:
        self.place, self.root = place, str(place / "lake")
        self.versions = dict.fromkeys(lake_tables(), 0)
        for table in lake_tables().values():
            delta.create(self.root, table)
        self.as_of: date | None = None

    def load(self, day: str, files: Mapping[str, list[Row]], number: int) -> None:
        landed = []
        for source, lines in files.items():
            # Every other load replaces what a file of that day held.
            path = self.place / day / f"{source}_{number % 2}.csv"
            path.parent.mkdir(exist_ok=True)
            header = ",".join(VALUES[source])
            path.write_text("\n".join([header, *(",".join(row) for row in lines)]) + "\n")
            landed.append(LandedFile(path, date.fromisoformat(day), source))
        base, as_of = dict(self.versions), self.as_of
        done = ingest.ingest(self.root, landed, SHOP, "run", self.versions)
        self.as_of = max(date.fromisoformat(day), as_of or date.min)
        counts = refresh_silver(self.root, base if as_of else None, self.versions, done.places, SHOP, "run", NOW)
        table = tables("quality")["conservation"]
        self.versions[table.full_name] = delta.write_changes(self.root, table, counts, base[table.full_name])
        release = Release(number, "run", as_of, NOW, SHOP.model_inputs(), base) if as_of else None
        refresh_gold(self.root, release, self.versions, self.as_of, SHOP)


def differences(shop: Shop) -> dict[str, object]:
    """Gold tables that are not what all of silver gives."""
    upstream = {name: version for name, version in shop.versions.items() if not name.startswith("gold.")}
    found = {}
    with connection.open_layers(shop.root, upstream) as con:
        build.build(con, shop.as_of, SHOP)
        for name, table in tables("gold").items():
            if table.scope == "log":
                continue
            whole = con.sql(f"select * from gold.{name}").pl().sort(table.key)
            held = delta.read(shop.root, table, shop.versions[table.full_name]).sort(table.key)
            if not held.equals(whole):
                found[name] = (held.to_dicts(), whole.to_dicts())
    return found


def differences_in_silver(shop: Shop) -> list[str]:
    """Silver tables that are not what all of bronze gives; the quarantine's log columns and released rows aside."""
    bronze = {
        name: delta.read(shop.root, each.table, shop.versions[each.table.full_name]) for name, each in sources().items()
    }
    whole = build_silver(bronze, SHOP, "run", NOW, tables("silver")["quarantine"].empty()).tables
    found = []
    for name, table in tables("silver").items():
        held = delta.read(shop.root, table, shop.versions[table.full_name])
        if name == "quarantine":
            held = held.filter(pl.col("status") == "open")
        if not held.sort(table.key).equals(whole[name].sort(table.key)):
            found.append(name)
    return found


# Shrinking would write thousands of tables; a failing example is small as it is.
@settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(LOADS)
def test_what_a_load_can_have_changed_is_all_that_it_changes(loads: list[Load]) -> None:
    with tempfile.TemporaryDirectory() as place:
        shop = Shop(Path(place))
        for number, (day, files) in enumerate(loads):
            shop.load(day, files, number)
            assert differences(shop) == {}, f"after load {number} of {sources().keys() & files.keys()}"
        assert differences_in_silver(shop) == []
