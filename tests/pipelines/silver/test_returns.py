from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.registry import tables
from pipelines.silver import returns
from pipelines.silver.judge import DELETED, REASONS
from pipelines.silver.references import Parents
from pipelines.silver.winner import Verdict

DAY = date(2024, 1, 10)
Line = tuple[str, int]


@dataclass(frozen=True)
class Sent:
    """A return row that is good by itself, in the order in which rows win."""

    return_id: str
    line: Line = ("O1", 1)
    quantity: int = 1
    deleted: bool = False


def decide(rows: Iterable[Sent], sold: dict[Line, int]) -> Verdict:
    """The verdict on rows sent one after the other, of orders whose lines hold the units sold."""
    judged = [
        {
            "return_id": row.return_id,
            "order_id": row.line[0],
            "line_number": row.line[1],
            "quantity": row.quantity,
            "returned_at": datetime(2024, 1, 9),
            "reason": None,
            "landing_date": DAY,
            "ingested_at": datetime(2024, 1, 10) + timedelta(hours=number),
            "source_file": "returns.csv",
            "row_number": number,
            "row_hash": "",
            DELETED: row.deleted,
            REASONS: [],
        }
        for number, row in enumerate(rows, start=1)
    ]
    schema = dict(tables("silver")["returns"].polars_schema())
    schema.pop("return_date")
    schema |= {DELETED: pl.Boolean(), REASONS: pl.List(pl.String())}
    orders = pl.DataFrame({"order_id": sorted({order for order, _ in sold})}, schema={"order_id": pl.String()})
    lines = pl.DataFrame(
        [(*line, units) for line, units in sold.items()],
        schema={"order_id": pl.String(), "line_number": pl.Int64(), "quantity": pl.Int64()},
        orient="row",
    )
    parents = Parents({"orders": orders, "order_items": lines}, frozenset({"orders", "order_items", "returns"}))
    # The order of the frame means nothing: rows arrive reversed.
    return returns.decide(pl.DataFrame(judged[::-1], schema=schema), parents)


def numbers(frame: pl.DataFrame) -> list[int]:
    return sorted(frame["row_number"])


def test_units_up_to_what_was_sold_may_come_back_in_parts() -> None:
    verdict = decide([Sent("R1", quantity=2), Sent("R2", quantity=3)], {("O1", 1): 5})
    assert numbers(verdict.kept) == [1, 2]


def test_a_row_above_what_was_sold_is_refused_and_later_rows_are_judged_without_it() -> None:
    verdict = decide([Sent("R1", quantity=4), Sent("R2", quantity=2), Sent("R3", quantity=1)], {("O1", 1): 5})
    assert numbers(verdict.kept) == [1, 3]
    assert verdict.rejected.select("row_number", REASONS).rows() == [(2, ["quantity:exceeds_sold"])]


def test_a_return_sent_again_takes_the_place_of_its_own_older_row() -> None:
    verdict = decide([Sent("R1", quantity=4), Sent("R1", quantity=5), Sent("R2")], {("O1", 1): 5})
    assert (numbers(verdict.kept), numbers(verdict.superseded), numbers(verdict.rejected)) == ([2], [1], [3])


def test_a_return_sent_again_with_too_much_leaves_its_older_row_in_force() -> None:
    verdict = decide([Sent("R1", quantity=2), Sent("R2", quantity=3), Sent("R1", quantity=3)], {("O1", 1): 5})
    assert (numbers(verdict.kept), numbers(verdict.superseded), numbers(verdict.rejected)) == ([1, 2], [], [3])


def test_a_return_moved_to_another_line_frees_the_units_of_the_first() -> None:
    rows = [Sent("R1", quantity=5), Sent("R1", ("O1", 2), 1), Sent("R2", quantity=5)]
    verdict = decide(rows, {("O1", 1): 5, ("O1", 2): 1})
    assert (numbers(verdict.kept), numbers(verdict.superseded), verdict.rejected.height) == ([2, 3], [1], 0)


def test_a_deleted_return_frees_its_units_for_earlier_and_later_rows_alike() -> None:
    rows = [Sent("R1", quantity=5), Sent("R2", quantity=5), Sent("R1", deleted=True)]
    verdict = decide(rows, {("O1", 1): 5})
    assert (numbers(verdict.kept), numbers(verdict.superseded), verdict.rejected.height) == ([2], [1, 3], 0)


def test_rows_up_to_the_last_tombstone_are_superseded_however_much_they_were() -> None:
    rows = [Sent("R1", quantity=9), Sent("R1", deleted=True), Sent("R1", quantity=2)]
    verdict = decide(rows, {("O1", 1): 5})
    assert (numbers(verdict.kept), numbers(verdict.superseded), verdict.rejected.height) == ([3], [1, 2], 0)


def test_a_return_whose_rows_after_its_tombstone_are_too_much_stays_deleted() -> None:
    rows = [Sent("R1", quantity=1), Sent("R1", deleted=True), Sent("R1", quantity=9)]
    verdict = decide(rows, {("O1", 1): 5})
    assert (numbers(verdict.kept), numbers(verdict.superseded), numbers(verdict.rejected)) == ([], [1, 2], [3])


def test_an_orphan_takes_no_units() -> None:
    verdict = decide([Sent("R1", ("O2", 1), 5), Sent("R2", quantity=5)], {("O1", 1): 5})
    assert (numbers(verdict.kept), numbers(verdict.rejected)) == ([2], [1])


def test_a_return_of_an_order_that_is_there_without_its_line_names_the_line() -> None:
    verdict = decide([Sent("R1", ("O1", 9)), Sent("R2", ("O7", 1))], {("O1", 1): 5})
    assert dict(verdict.rejected.select("row_number", REASONS).rows()) == {
        1: ["line_number:orphan"],
        2: ["order_id:orphan"],
    }


def test_a_return_stands_on_the_day_it_came_back() -> None:
    assert decide([Sent("R1")], {("O1", 1): 5}).kept["return_date"].to_list() == [date(2024, 1, 9)]


def outcome(rows: list[Sent], sold: dict[Line, int]) -> tuple[dict[str, int], set[int]]:
    """By brute force: each return's row in force, and the rows refused as too much."""
    last_tombstone = {row.return_id: number for number, row in enumerate(rows, start=1) if row.deleted}
    in_force: dict[str, int] = {}
    refused = set()
    for number, row in enumerate(rows, start=1):
        if number <= last_tombstone.get(row.return_id, 0):
            continue
        others = [rows[at - 1] for return_id, at in in_force.items() if return_id != row.return_id]
        if sum(other.quantity for other in others if other.line == row.line) + row.quantity > sold[row.line]:
            refused.add(number)
        else:
            in_force[row.return_id] = number
    return in_force, refused


LINES = (("O1", 1), ("O1", 2), ("O2", 1))
rows_sent = st.lists(
    st.builds(
        Sent,
        return_id=st.sampled_from(["R1", "R2", "R3", "R4"]),
        line=st.sampled_from(LINES),
        quantity=st.integers(1, 4),
        deleted=st.sampled_from([False] * 6 + [True]),
    ),
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(rows_sent, st.fixed_dictionaries({line: st.integers(1, 6) for line in LINES}))
def test_what_stands_is_what_judging_each_row_against_all_others_in_force_leaves(
    rows: list[Sent], sold: dict[Line, int]
) -> None:
    verdict = decide(rows, sold)
    in_force, refused = outcome(rows, sold)
    assert numbers(verdict.kept) == sorted(in_force.values())
    assert numbers(verdict.rejected) == sorted(refused)
    assert verdict.rows == len(rows)
    returned = verdict.kept.group_by("order_id", "line_number").agg(pl.col("quantity").sum())
    assert all(units <= sold[(order, line)] for order, line, units in returned.rows())


@pytest.mark.parametrize("quantity", ["5", "6"])
def test_a_line_that_shrinks_later_no_longer_holds_its_returns(
    one_order: Any, reasons: Callable[..., list[list[str]]], quantity: str
) -> None:
    one_order.add("returns", {"quantity": quantity}, day="2024-01-08")
    expected = [] if quantity == "5" else [["quantity:exceeds_sold"]]
    assert reasons(one_order.silver(), "returns") == expected
    one_order.add("order_items", {"quantity": "4"}, day="2024-01-09")
    assert reasons(one_order.silver(), "returns") == [["quantity:exceeds_sold"]]
