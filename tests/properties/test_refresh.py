"""Silver brought up to date load by load is silver built from all of bronze, row for row."""

import os
import tempfile
from datetime import date, datetime
from pathlib import Path

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from contracts.registry import lake_tables, sources, tables
from contracts.settings import Settings
from lake import delta
from pipelines.bronze import ingest
from pipelines.landing.folder import LandedFile
from pipelines.silver.from_all import build
from pipelines.silver.refresh import refresh

# Each example writes real Delta tables, some three seconds; `just soak` asks for more of them.
EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "500")) // 50
NOW = datetime(2024, 6, 1)
SHOP = Settings()
DAYS = [date(2024, 1, day) for day in (1, 2, 3)]

# Few keys and few values, so that rows meet: re-sends, late parents, tombstones, moves and replaced files.
TIMES = ["2024-01-01T10:00:00", "2024-01-02T10:00:00", "2024-01-02T23:59:59+01:00"]
COMMON = {"ingested_at": ["", "", "", "2024-01-01", "2024-01-09"], "deleted": ["", "", "", "", "true", "maybe"]}
VALUES: dict[str, dict[str, list[str]]] = {
    "customers": {"customer_id": ["C1", "C2", ""], "full_name": ["Ada"], "updated_at": TIMES},
    "products": {
        "product_id": ["P1", "P2"],
        "product_name": ["Lamp", ""],
        "list_price": ["10", "12.5"],
        "updated_at": TIMES,
    },
    "stores": {"store_id": ["S1"], "store_name": ["High Street"], "channel": ["web"], "updated_at": TIMES},
    "orders": {
        "order_id": ["O1", "O2", "O3"],
        "customer_id": ["", "C1", "C2"],
        "store_id": ["", "", "S1", "S2"],
        "status": ["paid", "delivered", "lost"],
        "created_at": TIMES,
        "paid_at": ["2024-01-03", "2024-01-03", ""],
        "delivered_at": ["2024-01-04"],
        "payment_method": ["card"],
        "currency": ["USD", "USD", "EUR"],
        "updated_at": TIMES,
    },
    "order_items": {
        "order_id": ["O1", "O2", "O3"],
        "line_number": ["1", "2", "01"],
        "product_id": ["P1", "P2", "P3"],
        "quantity": ["1", "3", "0"],
        "unit_price": ["10"],
        "discount_amount": ["0"],
        "tax_amount": ["0"],
    },
    "returns": {
        "return_id": ["R1", "R2", "R3"],
        "order_id": ["O1", "O2"],
        "line_number": ["1", "2"],
        "quantity": ["1", "2"],
        "returned_at": TIMES,
    },
    "inventory_movements": {
        "movement_id": ["M1", "M2", "M3"],
        "product_id": ["P1", "P2", "P3"],
        "movement_type": ["receipt", "adjustment"],
        "quantity": ["5", "0", "-1"],
        "occurred_at": TIMES,
    },
}


def rows_of(source: str) -> st.SearchStrategy[str]:
    """A file of a source as CSV text, now and then with a ragged row."""
    columns = VALUES[source] | COMMON
    row = st.tuples(*(st.sampled_from(values) for values in columns.values())).map(",".join)
    ragged = st.sampled_from([",".join(values[0] for values in columns.values()) + ",more"])
    rows = st.lists(st.one_of(row, row, row, row, row, ragged), max_size=4)
    return rows.map(lambda lines: "\n".join([",".join(columns), *lines]) + "\n")


FILE = st.sampled_from(sorted(VALUES)).flatmap(
    lambda source: st.tuples(
        st.sampled_from(DAYS), st.sampled_from([f"{source}.csv", f"{source}_b.csv"]), st.just(source), rows_of(source)
    )
)
LOADS = st.lists(st.lists(FILE, min_size=2, max_size=7, unique_by=lambda file: file[:2]), min_size=2, max_size=4)

# The first value of each column is good: a row of each source to begin with, so that there is something to change.
USUAL = [
    (DAYS[0], f"{source}_usual.csv", source, "\n".join([",".join(columns), ",".join(of[0] for of in columns.values())]))
    for source, columns in ((source, values | COMMON) for source, values in VALUES.items())
    if source != "stores"
]


def load(root: str, folder: Path, files: list[tuple[date, str, str, str]], versions: dict[str, int]) -> None:
    loaded = []
    for day, name, source, text in files:
        path = folder / day.isoformat() / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        loaded.append(LandedFile(path, day, source))
    ingest.ingest(root, loaded, SHOP, "run", versions)


def told(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """What must be equal: the quarantine's log columns and released rows are not."""
    if table == "quarantine":
        rows = rows.filter(pl.col("status") == "open").drop("run_id", "quarantined_at")
    return rows.sort(tables("silver")[table].key)


# Shrinking would write thousands of tables; a failing example is small as it is.
@settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(LOADS)
def test_silver_by_affected_keys_is_silver_from_all_of_bronze(loads: list[list[tuple[date, str, str, str]]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        root, folder = str(Path(place) / "lake"), Path(place)
        versions = {}
        for name, table in lake_tables().items():
            delta.create(root, table)
            versions[name] = 0
        conserved = tables("quality")["conservation"]
        for number, files in enumerate([USUAL + loads[0], *loads[1:]]):
            base = dict(versions)
            load(root, folder, files, versions)
            places: dict[str, list[tuple[date, str]]] = {}
            for day, name, source, _ in files:
                places.setdefault(source, []).append((day, name))
            counts = refresh(root, base if number else None, versions, places, SHOP, "run", NOW)
            versions[conserved.full_name] = delta.write_changes(root, conserved, counts, base[conserved.full_name])
        bronze = {
            name: delta.read(root, each.table, versions[each.table.full_name]) for name, each in sources().items()
        }
        whole = build(bronze, SHOP, "run", NOW, tables("silver")["quarantine"].empty())
        for name, rows in whole.tables.items():
            table = tables("silver")[name]
            assert told(name, delta.read(root, table, versions[table.full_name])).equals(told(name, rows)), name
        assert counts.equals(whole.conservation)
