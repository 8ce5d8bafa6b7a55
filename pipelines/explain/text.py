"""Explanations as lines of text, and as JSON."""

import dataclasses
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pipelines.explain.day import Component, Day, Restatement
from pipelines.explain.evidence import Amount, Proof
from pipelines.explain.history import LandedRow
from pipelines.explain.order import Order

_NAME = 19  # the longest name of an amount, and a blank
_MEASURE = 22
_VALUE = 16


def as_json(explained: Order | Day) -> str:
    """The explanation as one JSON object: money as decimal text, dates ISO 8601."""
    body = dataclasses.asdict(explained)
    body["proof"] = [
        dataclasses.asdict(each) | {"difference": each.difference, "agrees": each.agrees} for each in explained.proof
    ]
    body["adds_up"] = explained.adds_up
    return json.dumps(body, ensure_ascii=False, indent=1, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in an explanation")


def order(explained: Order) -> Iterator[str]:
    """The lines that tell an order."""
    yield f"Order {explained.order_id} in release {explained.release_id}, as of {explained.as_of}"
    yield from _amounts([explained.is_revenue, *explained.clocks])
    for line in explained.lines:
        yield ""
        yield f"Line {line.line_number}: {line.quantity} of {line.product_id}, price version {line.product_key}"
        yield from _amounts(line.amounts)
        for each in line.returns:
            yield f"  Return {each.return_id}: {each.quantity} at {each.returned_at.isoformat()}"
            yield from _amounts([each.refund_eligible, each.refund_amount, each.refunded_tax], indent=4)
    yield ""
    yield "The order"
    yield from _amounts(explained.amounts)
    yield ""
    yield from _proof(explained.proof)
    yield ""
    yield from _history(explained.history)
    yield ""
    yield from _rules(_all_amounts(explained))


def day(explained: Day) -> Iterator[str]:
    """The lines that tell a day."""
    yield f"{explained.day} in release {explained.release_id}, as of {explained.as_of}"
    for measure in explained.measures:
        formula = f"  {measure.formula}" if measure.formula else ""
        yield f"  {measure.name:<{_MEASURE}}{_value(measure.value):>{_VALUE}}  {measure.meaning}{formula}"
    yield ""
    yield f"From booked to recognised: {explained.bridge.formula}"
    yield f"  {explained.bridge.sentence}"
    yield f"  Deferred at the end of the day: {explained.deferred}"
    for component in explained.components:
        yield ""
        yield from _component(component)
    yield ""
    yield from _proof(explained.proof)
    yield ""
    yield from _restatements(explained.restatements)


def _amounts(amounts: Iterable[Amount], indent: int = 2) -> Iterator[str]:
    for each in amounts:
        places = dict.fromkeys(f"{found.file} row {found.row}" for found in each.cites)
        where = f"  [{', '.join(places)}]" if places else ""
        value = _value(each.value)
        yield f"{'':{indent}}{each.name:<{_NAME}}{value:>{_VALUE}}  {each.rule}: {each.formula}{where}"


def _component(component: Component) -> Iterator[str]:
    yield f"{component.name}  {component.total}  {component.meaning}"
    yield f"  {component.orders:,} orders with an amount other than 0" + (", the largest:" if component.shown else "")
    for each in component.shown:
        delivered = f"delivered {each.delivery_date}" if each.delivery_date else "not delivered"
        yield f"  {each.amount:>{_VALUE}}  {each.order_id}, ordered {each.order_date}, {delivered}"
    if component.rest_orders:
        yield f"  {component.rest_total:>{_VALUE}}  {component.rest_orders:,} more"


def _proof(proof: Sequence[Proof]) -> Iterator[str]:
    differ = [each for each in proof if not each.agrees]
    if not differ:
        names = dict.fromkeys(each.name.partition(".")[0].partition(" ")[0] for each in proof)
        yield f"It adds up: {len(proof)} figures of {', '.join(names)} equal their parts, difference 0.0000"
        return
    yield f"It does not add up: {len(differ)} of {len(proof)} figures differ from their parts"
    for each in differ:
        yield f"  {each.name}: parts {_value(each.parts)}, gold {_value(each.gold)}"


def _history(rows: Sequence[LandedRow]) -> Iterator[str]:
    kept_out = sum(bool(row.reasons) for row in rows)
    superseded = sum(row.state in ("superseded", "tombstone") for row in rows)
    yield f"Rows that landed: {len(rows)}, of which {superseded} superseded and {kept_out} in quarantine"
    for row in rows:
        state = row.state + (f" ({', '.join(row.reasons)})" if row.reasons else "")
        verb = "corrected" if row.reasons else "replaced"
        by = f", {verb} by {row.replaced_by}" if row.replaced_by else ""
        values = ", ".join(f"{name} {value}" for name, value in row.values.items() if value)
        key = "" if row.source == "orders" else f" {row.key}"
        yield f"  {row.file} row {row.row}: {row.source}{key}, {state}{by}: {values}"


def _rules(amounts: Iterable[Amount]) -> Iterator[str]:
    yield "The rules"
    sentences = {each.rule: each.sentence for each in amounts}
    for name, sentence in sentences.items():
        yield f"  {name}: {sentence}"


def _restatements(restatements: Sequence[Restatement] | None) -> Iterator[str]:
    if restatements is None:
        yield "This release keeps no log of restatements."
        return
    if not restatements:
        yield "Nothing was restated."
        return
    yield "Restated"
    for each in restatements:
        change = f"{each.old_value or 'null'} -> {each.new_value or 'null'}"
        yield f"  release {each.release_id}: {each.measure} {change}, because of {', '.join(each.causes)}"


def _all_amounts(explained: Order) -> Iterator[Amount]:
    yield explained.is_revenue
    yield from explained.clocks
    for line in explained.lines:
        yield from line.amounts
        for each in line.returns:
            yield from (each.refund_eligible, each.refund_amount, each.refunded_tax)
    yield from explained.amounts


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "unknown" if value is None else str(value)
