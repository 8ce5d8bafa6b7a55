"""Silver in memory: any sequence of landings gives what a slow plain reference says, and what a rebuild gives.

Hypothesis draws the examples: each is a tiny shop with a sequence of landings of its own. A build costs half a
second whether it judges one such shop or a hundred, so the examples are drawn first and then built many at a time,
their keys and file names carrying the shop's number; where a batch fails, it is halved down to the example that does.
"""

import itertools
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contracts.registry import sources, tables
from contracts.settings import Settings
from pipelines.silver.from_all import Silver, build

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "500"))
AT_ONCE = 100  # shops in one build
LOADS = 3
NOW = datetime(2024, 6, 1)
SHOP = Settings(home=Path("unused"), currency="USD", timezone="UTC")

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
    "customers": {"customer_id": ("a", "b"), "updated_at": ("2024-01-01T00:00:00",)},
    "products": {
        "product_id": ("p", "q"),
        "product_name": ("Lamp",),
        "list_price": ("1",),
        "updated_at": ("2024-01-01T00:00:00", "2024-01-02T00:00:00"),
    },
    "stores": {
        "store_id": ("s",),
        "store_name": ("Shop",),
        "channel": ("web",),
        "updated_at": ("2024-01-01T00:00:00",),
    },
    "orders": {
        "order_id": ("o", "n"),
        "customer_id": ("a", "b", None),
        "store_id": ("s", None, None),
        "status": ("created",),
        "created_at": ("2024-01-01T00:00:00", "2024-01-05T00:00:00"),
        "payment_method": ("card",),
        "currency": ("USD",),
        "updated_at": ("2024-01-01T00:00:00",),
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
        "returned_at": ("2024-01-10T00:00:00",),
    },
    "inventory_movements": {
        "movement_id": ("m", "k"),
        "product_id": ("p", "q"),
        "movement_type": ("receipt",),
        "quantity": ("1",),
        "occurred_at": ("2024-01-01T00:00:00",),
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

# What a row may be besides its values: whether bad, whether ragged, `deleted` and `ingested_at`; mostly none of it.
MARKS = [
    *itertools.product(
        [False] * 7 + [True],
        [False] * 15 + [True],
        [None] * 7 + ["false", "true", "1", "perhaps"],
        [None, None, "2024-01-01T00:00:00", "2024-01-02T00:00:00", "2024-01-03T00:00:00"],
    )
]
PLAIN = (False, False, None, None)
DAYS = [date(2024, 1, 1), date(2024, 1, 2)]

Values = tuple[str | None, ...]
Marks = tuple[bool, bool, str | None, str | None]
Place = tuple[str, date, str, int]


class File(NamedTuple):
    """A file as it lands; one of the same source, day and name later replaces it."""

    source: str
    day: date
    name: str
    rows: tuple[tuple[Values, Marks], ...]


Landings = tuple[list[File], ...]  # what one shop lands, load by load


@dataclass(frozen=True)
class Row:
    """A landed row, and what the reference needs to know of it."""

    source: str
    values: dict[str, str | None]
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


def rows_of(source: str, most: int) -> st.SearchStrategy[tuple[tuple[Values, Marks], ...]]:
    values = st.sampled_from(list(itertools.product(*DOMAIN[source].values())))
    return st.lists(st.tuples(values, st.sampled_from(MARKS)), max_size=most).map(tuple)


ROWS = {source: rows_of(source, 5 if source == "returns" else 3) for source in DOMAIN}
LOAD = st.integers(0, LOADS - 1)
SOURCES = st.sampled_from([*DOMAIN, "returns", "order_items"])
PLACES = st.tuples(st.sampled_from(DAYS), st.sampled_from(["a", "é"]))


@st.composite
def landings(draw: st.DrawFn) -> Landings:
    """A good row of each parent in any load, so that some come late, and files of anything.

    Two dates and two names: files are replaced and dates repeated. Some files are sent again, there or elsewhere.
    """
    loads: Landings = tuple([] for _ in range(LOADS))
    for source in ("customers", "products", "orders", "order_items"):
        usual = tuple(of[0] for of in DOMAIN[source].values())
        loads[draw(LOAD)].append(File(source, DAYS[0], "0", ((usual, PLAIN),)))
    for _ in range(draw(st.integers(1, 6))):
        source = draw(SOURCES)
        loads[draw(LOAD)].append(File(source, *draw(PLACES), draw(ROWS[source])))
    for _ in range(draw(st.integers(0, 2))):
        again = draw(st.sampled_from([file for load in loads for file in load]))
        loads[draw(LOAD)].append(again._replace(day=draw(st.sampled_from(DAYS))))
    return loads


def landed_rows(shops: list[Landings], loads: int) -> list[Row]:
    """The rows bronze holds after so many loads: of each file its last content, files in order of arrival."""
    files = {}
    for number, shop in enumerate(shops):
        for file in itertools.chain(*shop[:loads]):
            place = (file.source, file.day, f"{file.name}_{number}.csv")
            files.pop(place, None)
            files[place] = (number, file.rows)
    return [
        row_of(shop, place, position, values, marks)
        for place, (shop, rows) in files.items()
        for position, (values, marks) in enumerate(rows, 1)
    ]


def row_of(shop: int, place: tuple[str, date, str], number: int, texts: Values, marks: Marks) -> Row:
    source, day, file = place
    values = {
        name: f"{shop}{value}" if name in IDS and value else value
        for name, value in zip(DOMAIN[source], texts, strict=True)
    }
    if marks[0]:
        column, value, _ = BAD[source]
        values[column] = value
    return Row(source, values, *marks, day, file, number)


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


def silver(rows: list[Row], run_id: str, before: pl.DataFrame) -> Silver:
    return build(bronze(rows), SHOP, run_id, NOW, before)


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


def as_the_rules_say(built: Silver, rows: list[Row]) -> None:
    """Every row is where the reference puts it, with its reasons, and counted once."""
    expected = reference(rows)
    for source, by_key in expected.current.items():
        assert places(source, built.tables[source]) == {row.place for row in by_key.values()}, source
    quarantine = open_rows(built).select("source", "landing_date", "source_file", "row_number", "reasons")
    assert {row[:4]: sorted(row[4]) for row in quarantine.rows()} == {
        place: sorted(found) for place, found in expected.quarantined.items()
    }
    assert places("products", built.tables["product_versions"]) == expected.versions
    for source, landed, current, superseded, quarantined in built.conservation.rows():
        assert landed == sum(row.source == source for row in rows)
        assert landed == current + superseded + quarantined
        assert current == built.tables[source].height
        assert quarantined == quarantine.filter(pl.col("source") == source).height


def open_rows(built: Silver) -> pl.DataFrame:
    """The quarantine without its log: rows released, and which run saw a row first."""
    return built.tables["quarantine"].filter(pl.col("status") == "open").drop("run_id", "quarantined_at")


def judge_landings(shops: list[Landings]) -> None:
    """Silver after each load is what the rules say, and after the last one what a rebuild gives, row for row."""
    nothing = tables("silver")["quarantine"].empty()
    before = nothing
    for loads in range(1, LOADS + 1):
        rows = landed_rows(shops, loads)
        built = silver(rows, f"run {loads}", before)
        as_the_rules_say(built, rows)
        before = built.tables["quarantine"]
    rebuilt = silver(rows[::-1], "rebuild", nothing)
    assert built.conservation.equals(rebuilt.conservation)
    for name, table in tables("silver").items():
        of_loads, at_once = (
            (open_rows(each) if name == "quarantine" else each.tables[name]).sort(table.key)
            for each in (built, rebuilt)
        )
        assert of_loads.equals(at_once), name


def falsifying(shops: list[Landings]) -> list[Landings]:
    """The batch, halved for as long as a half fails by itself: as a rule down to one shop."""
    half = len(shops) // 2
    for part in (shops[:half], shops[half:]) if half else ():
        try:
            judge_landings(part)
        except Exception:  # noqa: BLE001 (a crash of the build is a failure as well)
            return falsifying(part)
    return shops


def batches(shops: list[Landings]) -> Iterator[list[Landings]]:
    """Shops to build together: by the load of their first stores row, before which no order's store is judged."""
    by_first: dict[int, list[Landings]] = {}
    for shop in shops:
        with_stores = (
            number for number, files in enumerate(shop) if any(file.source == "stores" and file.rows for file in files)
        )
        by_first.setdefault(next(with_stores, LOADS), []).append(shop)
    for alike in by_first.values():
        yield from (alike[start : start + AT_ONCE] for start in range(0, len(alike), AT_ONCE))


def test_any_sequence_of_landings_gives_the_silver_of_the_rules_and_of_a_rebuild() -> None:
    drawn: list[Landings] = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(landings())
    def draw(shop: Landings) -> None:
        drawn.append(shop)

    draw()
    assert len(drawn) >= EXAMPLES
    for batch in batches(drawn):
        try:
            judge_landings(batch)
        except Exception as error:
            error.add_note(f"Falsifying landings: {falsifying(batch)}")
            raise
