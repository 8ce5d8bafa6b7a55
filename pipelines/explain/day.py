"""A day explained: what its figures count, the bridge from booked to recognised, and what was restated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from contracts.errors import NotFound
from contracts.registry import tables
from contracts.settings import Settings
from lake.release import Release
from pipelines.explain import evidence, rules
from pipelines.explain.evidence import Amount, Proof, Row, amount

ZERO = Decimal("0.0000")


@dataclass(frozen=True)
class Measure:
    """A figure of the day's row of fct_revenue_daily."""

    name: str
    value: Decimal | int | float | None
    meaning: str
    formula: str | None  # filled in, where it is made of other figures


@dataclass(frozen=True)
class OrderPart:
    """What an order adds to a component of the bridge."""

    order_id: str
    amount: Decimal
    order_date: date
    delivery_date: date | None


@dataclass(frozen=True)
class Component:
    """A part of the bridge and the orders it is made of, the largest first."""

    name: str
    meaning: str
    total: Decimal
    orders: int  # with an amount other than 0
    shown: tuple[OrderPart, ...]
    rest_orders: int
    rest_total: Decimal


@dataclass(frozen=True)
class Restatement:
    """A published figure of the day that a later release changed."""

    release_id: int
    measure: str
    old_value: str | None
    new_value: str | None
    difference: Decimal | None
    causes: tuple[str, ...]


@dataclass(frozen=True)
class Day:
    """A date of a release."""

    day: date
    release_id: int
    as_of: date
    measures: tuple[Measure, ...]
    bridge: Amount  # booked to recognised net revenue
    deferred: Decimal  # booked and not yet delivered at the end of the day
    components: tuple[Component, ...]
    restatements: tuple[Restatement, ...] | None  # null where the release keeps no log of them
    proof: tuple[Proof, ...]

    @property
    def adds_up(self) -> bool:
        """Are the orders of each component what the bridge says?"""
        return all(each.agrees for each in self.proof)


def explain(settings: Settings, day: date, at: int | None = None, limit: int = 10) -> Day:
    """Explain a date of a release (default: the one in force), naming at most `limit` orders a component.

    Raises NotFound for a date without a row in fct_revenue_daily.
    """
    with evidence.opened(settings, at) as (release, con):
        return explain_in(release, con, day, limit)


def explain_in(release: Release, con: duckdb.DuckDBPyConnection, day: date, limit: int = 10) -> Day:
    """Explain a date, given a release and a DuckDB over it. Raises NotFound as `explain` does."""
    found = evidence.rows(con, "day", date=day)
    if not found:
        raise _no_figures(con, day, release.release_id)
    [row] = found
    components = _components(evidence.rows(con, "components", date=day, shown=limit), limit)
    restatements = _restatements(con, day)
    numbers = {name: row[name] for name in ("booked_net", "booked_not_delivered", "delivered_from_before")}
    bridge = amount(
        "recognized_net", row["recognized_net"], rules.BRIDGE, **numbers, recognized_net=row["recognized_net"]
    )
    return Day(
        day=day,
        release_id=release.release_id,
        as_of=release.as_of,
        measures=_measures(row),
        bridge=bridge,
        deferred=row["deferred"],
        components=components,
        restatements=restatements,
        proof=_proof(row, {each.name: each.total for each in components}),
    )


def _no_figures(con: duckdb.DuckDBPyConnection, day: date, release_id: int) -> NotFound:
    [span] = evidence.rows(con, "days")
    if span["first_date"] is None:
        return NotFound(f"Release {release_id} has no order, so there is no figure of {day} to explain.")
    return NotFound(
        f"Release {release_id} has figures from {span['first_date']} to {span['last_date']}, none of {day}. "
        "Name a date between them."
    )


def _measures(row: Row) -> tuple[Measure, ...]:
    columns = tables("gold")["fct_revenue_daily"].columns
    return tuple(
        Measure(column.name, row[column.name], column.meaning, _formula(column.name, row)) for column in columns[1:]
    )


def _formula(name: str, row: Row) -> str | None:
    template = rules.DAY_FORMULAS.get(name)
    return None if template is None or row[name] is None else template.format(**row)


def _components(found: Sequence[Row], limit: int) -> tuple[Component, ...]:
    components = []
    for name, meaning in rules.COMPONENTS.items():
        rows = [row for row in found if row["component"] == name]
        shown = tuple(
            OrderPart(row["order_id"], row["amount"], row["order_date"], row["delivery_date"]) for row in rows[:limit]
        )
        total = rows[0]["total"] if rows else ZERO
        orders = rows[0]["orders"] if rows else 0
        rest = total - sum((each.amount for each in shown), ZERO)
        components.append(Component(name, meaning, total, orders, shown, orders - len(shown), rest))
    return tuple(components)


def _restatements(con: duckdb.DuckDBPyConnection, day: date) -> tuple[Restatement, ...] | None:
    [known] = evidence.rows(con, "has_restatements")
    if not known["is_there"]:
        return None
    return tuple(
        Restatement(**row | {"causes": tuple(row["causes"])}) for row in evidence.rows(con, "restatements", date=day)
    )


def _proof(row: Row, totals: dict[str, Decimal]) -> tuple[Proof, ...]:
    """The components, added up from the ledger, beside the bridge's row."""
    return (
        Proof("agg_revenue_bridge.booked_net", totals["booked"] - totals["refunds"], row["booked_net"]),
        Proof("agg_revenue_bridge.booked_not_delivered", totals["booked_not_delivered"], row["booked_not_delivered"]),
        Proof(
            "agg_revenue_bridge.delivered_from_before", totals["delivered_from_before"], row["delivered_from_before"]
        ),
        Proof("agg_revenue_bridge.recognized_net", totals["recognized"] - totals["refunds"], row["recognized_net"]),
        Proof("agg_revenue_bridge.residual", ZERO, row["residual"]),
    )
