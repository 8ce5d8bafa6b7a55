from collections.abc import Callable
from decimal import Decimal
from typing import Any

Values = Callable[..., list[tuple[Any, ...]]]
DAYS = ("2024-01-01", "2024-01-02", "2024-01-03")


def prices(landed: Any, values: Values) -> list[tuple[int, Decimal]]:
    rows = values(landed.silver(), "product_versions", "updated_at", "list_price")
    return [(at.day, price) for at, price in rows]


def test_every_distinct_state_of_a_product_is_a_version(landed: Any, values: Values) -> None:
    landed.add("products", *({"updated_at": day, "list_price": str(n)} for n, day in enumerate(DAYS, start=1)))
    assert prices(landed, values) == [(1, 1), (2, 2), (3, 3)]


def test_a_late_version_takes_its_place_in_history(landed: Any, values: Values) -> None:
    landed.add("products", {"updated_at": DAYS[2], "list_price": "3"})
    landed.add("products", {"updated_at": DAYS[0], "list_price": "1"}, day="2024-02-01")
    assert prices(landed, values) == [(1, 1), (3, 3)]


def test_of_two_states_of_one_moment_the_winning_row_counts(landed: Any, values: Values) -> None:
    landed.add("products", {"list_price": "2", "ingested_at": "2024-03-01"})
    landed.add("products", {"list_price": "1"}, day="2024-02-01")
    assert prices(landed, values) == [(1, 2)]


def test_a_bad_row_is_no_version(landed: Any, values: Values) -> None:
    landed.add("products", {}, {"updated_at": DAYS[1], "list_price": "-1"})
    assert prices(landed, values) == [(1, 10)]


def test_a_deleted_product_has_no_versions(landed: Any, values: Values) -> None:
    landed.add("products", {}, {"deleted": "true"})
    assert prices(landed, values) == []


def test_a_product_that_lives_again_keeps_its_older_versions(landed: Any, values: Values) -> None:
    landed.add("products", {}, {"deleted": "true", "updated_at": DAYS[1]}, {"updated_at": DAYS[2], "list_price": "3"})
    assert prices(landed, values) == [(1, 10), (3, 3)]
