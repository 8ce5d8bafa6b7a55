"""An order explained: every amount of its fct_orders row, made again from the rows that landed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from contracts.settings import Settings
from lake.release import Release
from pipelines.explain import evidence, history, lines, rules
from pipelines.explain.evidence import Amount, Proof, Row, amount, cite
from pipelines.explain.history import LandedRow
from pipelines.explain.lines import ZERO, Line

REVENUE = ("paid", "fulfilled", "delivered", "returned")
# An amount of fct_orders, and the amount of its lines that it sums.
SUMS = {
    "gross_revenue": "gross_amount",
    "discounts": "discount_amount",
    "taxes": "tax_amount",
    "refunds": "refund_amount",
}


@dataclass(frozen=True)
class Order:
    """An order of a release, its amounts from the landed rows up, and the proof that gold says the same."""

    order_id: str
    release_id: int
    as_of: date
    status: str
    is_revenue: Amount
    clocks: tuple[Amount, ...]  # of a revenue-bearing order: its net before refunds, booked and recognised
    lines: tuple[Line, ...]
    amounts: tuple[Amount, ...]  # of fct_orders, shipping last
    history: tuple[LandedRow, ...]
    proof: tuple[Proof, ...]

    @property
    def adds_up(self) -> bool:
        """Is every part what gold says?"""
        return all(each.agrees for each in self.proof)


def explain(settings: Settings, order_id: str, at: int | None = None) -> Order:
    """Explain an order of a release (default: the one in force).

    Raises NotFound where the release has no such order, saying where it was kept out or deleted.
    """
    with evidence.opened(settings, at) as (release, con):
        return explain_in(release, con, order_id)


def explain_in(release: Release, con: duckdb.DuckDBPyConnection, order_id: str) -> Order:
    """Explain an order, given a release and a DuckDB over it. Raises NotFound as `explain` does."""
    found = history.landed(con, order_id)
    orders = evidence.rows(con, "order", order_id=order_id)
    if not orders:
        raise history.unknown(order_id, release.release_id, found)
    [order] = orders
    texts = {(row["source"], *evidence.place_of(row)): row for row in found}
    made = lines.explain(
        order,
        evidence.rows(con, "lines", order_id=order_id),
        evidence.rows(con, "returns", order_id=order_id),
        texts,
        int(release.settings["refund_window_days"]),
    )
    refunded = evidence.rows(con, "refunded", order_id=order_id)
    ledger = {row["clock"]: row["amount"] for row in evidence.rows(con, "ledger", order_id=order_id)}
    landed = texts["orders", *evidence.place_of(order)]
    is_revenue = _is_revenue(order, landed)
    amounts = _amounts(order, landed, made)
    return Order(
        order_id=order_id,
        release_id=release.release_id,
        as_of=release.as_of,
        status=order["status"],
        is_revenue=is_revenue,
        clocks=_clocks(order, landed, made) if is_revenue.value else (),
        lines=made,
        amounts=tuple(amounts.values()),
        history=history.history(found),
        proof=_proof(order, made, amounts, refunded, ledger),
    )


def _is_revenue(order: Row, landed: Row) -> Amount:
    bears = order["status"] in REVENUE
    rule = rules.REVENUE_BEARING if bears else rules.NOT_REVENUE_BEARING
    return amount("is_revenue", bears, rule, cite(landed, "status"), status=order["status"])


def _clocks(order: Row, landed: Row, made: Sequence[Line]) -> tuple[Amount, ...]:
    net = _sum(line.money("net_amount") for line in made)
    created, delivered = order["created_at"], order["delivered_at"]
    when = {"created_at": created.isoformat(), "date": created.date()}
    booked = amount("booked", net, rules.BOOKED, cite(landed, "created_at"), **when)
    if delivered is None:
        return booked, amount("recognized", ZERO, rules.NOT_RECOGNISED)
    when = {"delivered_at": delivered.isoformat(), "date": delivered.date()}
    return booked, amount("recognized", net, rules.RECOGNISED, cite(landed, "delivered_at"), **when)


def _amounts(order: Row, landed: Row, made: Sequence[Line]) -> dict[str, Amount]:
    amounts = {}
    money = {}
    for name, part in SUMS.items():
        parts = [line.money(part) for line in made]
        money[name] = _sum(parts)
        amounts[name] = amount(name, money[name], rules.SUM, told=rules.added(parts, money[name], "no line"))
    net = money["gross_revenue"] - money["discounts"] - money["refunds"] - money["taxes"]
    amounts["net_revenue"] = amount("net_revenue", net, rules.NET_REVENUE, **money, net_revenue=net)
    shipping = ZERO if order["shipping_amount"] is None else order["shipping_amount"]
    rule = rules.NO_SHIPPING if order["shipping_amount"] is None else rules.SHIPPING
    landed_value = cite(landed, "shipping_amount")
    amounts["shipping_amount"] = amount("shipping_amount", shipping, rule, landed_value, shipping_amount=shipping)
    return amounts


def _proof(
    order: Row,
    made: Sequence[Line],
    amounts: Mapping[str, Amount],
    refunded: Sequence[Row],
    ledger: Mapping[str, Decimal],
) -> tuple[Proof, ...]:
    """The amounts made here beside those of fct_orders, fct_order_items, fct_returns and fct_money_ledger."""
    bears = order["status"] in REVENUE
    proof = [Proof(f"fct_orders.{name}", each.value, order[f"gold_{name}"]) for name, each in amounts.items()]
    proof.append(Proof("fct_orders.items", len(made), order["gold_items"]))
    proof.append(Proof("fct_orders.units", sum(line.quantity for line in made), order["gold_units"]))
    proof.append(Proof("fct_orders.is_revenue", bears, order["gold_is_revenue"]))
    proof += [each for line in made for each in line.proof]
    returns = {each.return_id: each for line in made for each in line.returns}
    in_gold = {row["return_id"]: row for row in refunded}
    for return_id in sorted(returns.keys() | in_gold.keys()):
        for name in ("refund_amount", "refunded_tax"):
            mine, theirs = returns.get(return_id), in_gold.get(return_id)
            parts = None if mine is None else getattr(mine, name).value
            gold = None if theirs is None else theirs[name]
            proof.append(Proof(f"fct_returns.{name} of {return_id}", parts, gold))
    # An order that is not revenue-bearing has no row in the ledger, nor has an undelivered one a recognised sale.
    net, refunds = amounts["net_revenue"].decimal, amounts["refunds"].decimal
    recognised = net if order["delivered_at"] is not None else -refunds
    for clock, parts in (("booked", net), ("recognized", recognised)):
        proof.append(Proof(f"fct_money_ledger {clock}", parts if bears else ZERO, ledger.get(clock, ZERO)))
    return tuple(proof)


def _sum(parts: Iterable[Decimal]) -> Decimal:
    return sum(parts, ZERO)
