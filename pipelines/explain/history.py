"""What landed of an order, row by row, and what became of each row."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import polars as pl

from contracts.errors import NotFound
from pipelines.explain import evidence
from pipelines.explain.evidence import Row
from pipelines.landing import values

# The values of each source that make amounts; nothing else of a row is shown.
SHOWN = {
    "orders": ("status", "created_at", "delivered_at", "returned_at", "shipping_amount"),
    "order_items": ("product_id", "quantity", "unit_price", "discount_amount", "tax_amount"),
    "returns": ("order_id", "line_number", "quantity", "returned_at"),
}


@dataclass(frozen=True)
class LandedRow:
    """A landed record of an order, one of its lines or one of its returns."""

    source: str
    file: str
    row: int
    key: str  # of a line its number, of a return its id
    state: str  # current, superseded, tombstone, in quarantine
    reasons: tuple[str, ...]  # why it is in quarantine
    replaced_by: str | None  # the row that wins, or corrects it: <file> row <number>
    values: dict[str, str | None]


def landed(con: duckdb.DuckDBPyConnection, order_id: str) -> list[Row]:
    """Every bronze row of the order's keys, its values as text, with `deleted` read from them."""
    found = evidence.rows(con, "landed", order_id=order_id)
    extras = pl.DataFrame({"extra": [row["extra"] for row in found]}, schema={"extra": pl.String()})
    deleted = values.flag(values.undeclared(extras, "deleted")).fill_null(value=False)
    return [row | {"deleted": flag} for row, flag in zip(found, deleted, strict=True)]


def history(found: Sequence[Row]) -> tuple[LandedRow, ...]:
    """What became of each row; `found` is what `landed` gave."""
    # Rows stand in the order that decides which wins, so the last good one of a key does.
    winners = {_key(row): row for row in found if row["reasons"] is None}
    return tuple(_landed_row(row, winners.get(_key(row))) for row in found)


def unknown(order_id: str, release_id: int, found: Sequence[Row]) -> NotFound:
    """What is known of an order that silver has not, as the error to raise."""
    told = history([row for row in found if row["source"] == "orders"])
    if not told:
        waiting = [f"{row.file} row {row.row}" for row in history(found)[:5]]
        if waiting:
            return NotFound(
                f"No row of orders names {order_id!r} in release {release_id}; rows that refer to it landed at "
                f"{', '.join(waiting)}. They are let in when the order lands."
            )
        return NotFound(
            f"There is no order {order_id!r} in release {release_id}. Ids are matched character by character; "
            '`tillhouse sql "select order_id from gold.fct_orders"` lists them.'
        )
    tombstones = [row for row in told if row.state == "tombstone"]
    kept_out = [f"{row.file} row {row.row} ({', '.join(row.reasons)})" for row in told if row.reasons]
    if tombstones:
        last = tombstones[-1]
        more = f" Also kept out: {', '.join(kept_out)}." if kept_out else ""
        return NotFound(
            f"Order {order_id!r} was deleted by {last.file} row {last.row}, a tombstone; it is in no table of release "
            f"{release_id}.{more} A later row of the order brings it back."
        )
    return NotFound(
        f"Order {order_id!r} is in quarantine alone: {', '.join(kept_out)}. `tillhouse quarantine show "
        f"{told[-1].file}#{told[-1].row}` says what to do about it."
    )


def _key(row: Row) -> tuple[str, str]:
    # A line number may be spelt `1` or ` +01`; returns are known by their id alone.
    key = row["thing"] or ""
    return row["source"], str(int(key)) if row["source"] == "order_items" and row["reasons"] is None else key


def _landed_row(row: Row, winner: Row | None) -> LandedRow:
    if row["reasons"] is not None:
        state, by = "in quarantine", row["corrected_by"]
        replaced = " row ".join(by.rsplit("#", 1)) if by else None
    elif row["is_current"]:
        state, replaced = "current", None
    else:
        state = "tombstone" if row["deleted"] else "superseded"
        own = winner is None or winner is row
        replaced = None if own or winner is None else f"{evidence.file_of(winner)} row {winner['row_number']}"
    return LandedRow(
        source=row["source"],
        file=evidence.file_of(row),
        row=row["row_number"],
        key=row["thing"] or "",
        state=state,
        reasons=tuple(row["reasons"] or ()),
        replaced_by=replaced,
        values={name: row[name] for name in SHOWN[row["source"]]},
    )
