"""Bad rows: each breaks one rule of its source's contract, and which one is counted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from contracts.base import Source
from contracts.registry import sources
from contracts.sources.orders import STAMPED_STATUSES, STATE_STAMPS
from pipelines.generate.season import Day
from pipelines.generate.streams import Purpose, stream
from pipelines.generate.write import SHORT, SURPLUS

# Columns to set on a row, which then breaks one rule and no other.
Damage = Mapping[str, pl.Expr]

UNREADABLE = {
    "int": ("two", "1.5", "1e3", "12 000"),
    "money": ("n/a", "1e3", "12,50", "1_000"),
    "ts": ("yesterday", "2024-13-45T10:00:00", "31/12/2024", "24:00"),
    "bool": ("maybe", "yes", "2", "x"),
}
OPTIONAL = {"ingested_at": "ts", "deleted": "bool"}  # columns that may stand in any source


def _text(value: str | None) -> pl.Expr:
    return pl.lit(value, dtype=pl.String)


def _number(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Decimal(18, 2))


def _too_early() -> pl.Expr:
    created = pl.col("created_at").str.to_datetime("%Y-%m-%dT%H:%M:%S")
    return created.dt.offset_by("-1d").dt.strftime("%Y-%m-%dT%H:%M:%S")


def _by_column(source: Source) -> dict[str, Damage]:
    """A damage for each rule a single column has: null, type, enum, bounds."""
    found: dict[str, Damage] = {}
    for declared in source.fields:
        name, kind = declared.name, declared.column.type
        if declared.required:
            found[f"{name}:null"] = {name: _text(None)}
        if kind in UNREADABLE:
            found[f"{name}:type"] = {name: _one_of(UNREADABLE[kind])}
        if declared.enum:
            found[f"{name}:enum"] = {name: _one_of(("unknown", declared.enum[0].upper(), "?"))}
        if declared.at_least is not None:
            found[f"{name}:ge_{declared.at_least}"] = {name: _text(str(declared.at_least - 1))}
    for name, kind in OPTIONAL.items():
        found[f"{name}:type"] = {name: _one_of(UNREADABLE[kind])}
    last = source.names[-1]
    found["row:ragged"] = {last: pl.when(_nth() % 2 == 0).then(_text(SHORT)).otherwise(_text(f"{SURPLUS}surplus"))}
    return found


def _nth() -> pl.Expr:
    return pl.int_range(pl.len(), dtype=pl.Int64) + pl.col("_turn")


def _one_of(values: tuple[str, ...]) -> pl.Expr:
    chosen = _text(values[0])
    for number, value in enumerate(values):
        chosen = pl.when(_nth() % len(values) == number).then(_text(value)).otherwise(chosen)
    return chosen


def _several_columns(currency: str) -> dict[str, dict[str, Damage]]:
    """A damage for each rule that needs more than its own column, and for each reference."""
    other = "EUR" if currency != "EUR" else "USD"
    gross = _number("quantity") * _number("unit_price")
    return {
        "orders": {
            **{
                f"{state}_at:missing": {"status": _text(state), f"{state}_at": _text(None)}
                for state in STAMPED_STATUSES
            },
            **{f"{stamp}:before_created": {stamp: _too_early()} for stamp in STATE_STAMPS},
            "currency:mismatch": {"currency": _text(other)},
            "customer_id:orphan": {"customer_id": _text("C99999999")},
            "store_id:orphan": {"store_id": _text("S99")},
        },
        "order_items": {
            "quantity:too_large": {"quantity": _text("999999999"), "unit_price": _text("999999.99")},
            "discount_amount:exceeds_gross": {
                "discount_amount": (gross + pl.lit("0.01").cast(pl.Decimal(18, 2)))
                .cast(pl.Decimal(18, 2))
                .cast(pl.String)
            },
            "order_id:orphan": {"order_id": _text("O999999999")},
            "product_id:orphan": {"product_id": _text("SKU-99999")},
        },
        "returns": {
            "order_id:orphan": {"order_id": _text("O999999999")},
            "line_number:orphan": {"line_number": _text("99")},
            "quantity:exceeds_sold": {"quantity": _text("1000")},
        },
        "inventory_movements": {
            "product_id:orphan": {"product_id": _text("SKU-99999")},
            "quantity:ne_0": {"movement_type": _text("adjustment"), "quantity": _text("0")},
            "quantity:ge_1": {"movement_type": _text("shipment"), "quantity": _one_of(("0", "-1"))},
        },
    }


def damages(currency: str) -> dict[str, dict[str, Damage]]:
    """Source to reason code to the columns that a row breaking it has: every reason of the data model."""
    several = _several_columns(currency)
    return {name: {**_by_column(source), **several.get(name, {})} for name, source in sources().items()}


@dataclass
class Spoiler:
    """Spoils a share of the rows that land, every reason of a source in turn."""

    seed: int
    share: float
    currency: str
    spoiled: dict[str, Counter[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._damages = damages(self.currency)
        rng = stream(self.seed, 0, Purpose.NOISE)
        self._turns = {source: rng.permutation(sorted(found)).tolist() for source, found in self._damages.items()}
        self.spoiled = {source: Counter() for source in sorted(self._damages)}

    def add_bad_copies(self, day: Day, source: str, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows, some followed by a damaged copy; nothing good is lost.

        A copied return has an id of its own, as it would else count instead of its original.
        """
        rng = self._rng(day, source)
        copied = rng.binomial(len(rows), self.share / (1 - self.share))
        placed = _placed(rows)
        copies = placed[np.sort(rng.permutation(len(rows))[:copied])]
        if source == "returns":
            copies = copies.with_columns(pl.col("return_id") + "-2")
        return _in_place([placed, self._damage(source, copies)])

    def replace_rows(
        self, day: Day, source: str, rows: pl.DataFrame, eligible: pl.Series
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The rows, some where `eligible` is true damaged; and half of the damaged ones as they should have been."""
        rng = self._rng(day, source)
        may = np.flatnonzero(eligible.to_numpy())
        chosen = np.sort(rng.permutation(may)[: rng.binomial(len(may), self.share)])
        placed = _placed(rows)
        kept = placed.filter(~pl.col("_at").is_in(pl.Series(chosen, dtype=pl.UInt32).implode()))
        mended = rows[np.sort(rng.permutation(chosen)[: len(chosen) // 2])]
        return _in_place([kept, self._damage(source, placed[chosen])]), mended

    def _rng(self, day: Day, source: str) -> np.random.Generator:
        return stream(self.seed, day.number, Purpose.NOISE, sorted(self._damages).index(source))

    def _damage(self, source: str, rows: pl.DataFrame) -> pl.DataFrame:
        turns, counts = self._turns[source], self.spoiled[source]
        begun = counts.total()
        parts = [rows.clear()]
        for number in range(min(len(turns), len(rows))):
            code = turns[(begun + number) % len(turns)]
            part = rows.gather_every(len(turns), number).with_columns(_turn=pl.lit(counts[code], dtype=pl.Int64))
            parts.append(part.with_columns(**self._damages[source][code]).drop("_turn"))
            counts[code] += len(part)
        return pl.concat(parts, how="diagonal")


def _placed(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.cast(pl.String).with_row_index("_at")


def _in_place(parts: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts, how="diagonal").sort("_at", maintain_order=True).drop("_at")
