from collections.abc import Callable
from datetime import date
from typing import Any

from contracts.registry import sources, tables
from pipelines.silver.each_source import in_order

Counts = Callable[..., tuple[int, ...]]
Values = Callable[..., list[tuple[Any, ...]]]


def test_a_source_is_judged_after_those_it_refers_to() -> None:
    order = [source.name for source in in_order()]
    assert sorted(order) == sorted(sources())
    for source in sources().values():
        assert all(order.index(reference.table) < order.index(source.name) for reference in source.references)


def test_with_nothing_landed_every_table_is_there_typed_and_empty(landed: Any, counts: Counts) -> None:
    silver = landed.silver()
    assert {name: frame.schema for name, frame in silver.tables.items()} == {
        name: table.empty().schema for name, table in tables("silver").items()
    }
    assert [counts(silver, name) for name in sources()] == [(0, 0, 0, 0)] * 7


def test_each_row_is_current_superseded_or_quarantined(one_order: Any, counts: Counts) -> None:
    one_order.add("order_items", {}, {"line_number": "2"}, {"quantity": "0"}, {"order_id": "O9"}, day="2024-01-02")
    one_order.add("order_items", {"line_number": "2", "deleted": "true"}, day="2024-01-03")
    # Current: the line sent again. Superseded: its first row, line 2 and its tombstone. Kept out: bad and orphan.
    assert counts(one_order.silver(), "order_items") == (6, 1, 3, 2)


def test_days_are_those_of_the_business_time_zone(one_order: Any, values: Values) -> None:
    one_order.add("orders", {"created_at": "2024-01-01T23:30Z"}, day="2024-01-02")
    one_order.add("returns", {"returned_at": "2024-01-08T23:30Z"}, day="2024-01-09")
    one_order.add("inventory_movements", {"occurred_at": "2024-01-03T23:30Z"}, day="2024-01-04")
    silver = one_order.silver(timezone="Europe/Berlin")
    assert values(silver, "orders", "order_date") == [(date(2024, 1, 2),)]
    assert values(silver, "order_items", "order_date") == [(date(2024, 1, 2),)]
    assert values(silver, "returns", "return_date") == [(date(2024, 1, 9),)]
    assert values(silver, "inventory_movements", "movement_date") == [(date(2024, 1, 4),)]
