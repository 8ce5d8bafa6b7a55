"""Overview: the headline figures, the charts a manager opens the report for, and whether to trust them."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from serving.reports.formats import Change, change, grouped, money, plural, share
from serving.reports.model import PageSpec
from serving.reports.periods import Periods, Range, Totals
from serving.reports.query import Row
from serving.reports.release import Release


@dataclass(frozen=True)
class Comparison:
    """A change and what it is against; `good` is None where up is neither good nor bad."""

    change: Change
    against: str
    good: bool | None = None


@dataclass(frozen=True)
class Tile:
    """One headline figure."""

    label: str
    value: str
    comparisons: tuple[Comparison, ...] = ()
    note: str = ""


def context(release: Release, periods: Periods, dataset: Callable[[str], list[Row]]) -> dict[str, Any]:
    """The tiles, and the tables that say where every landed row went."""
    held = dataset("money_at_risk")[0]
    conservation = [
        row | {"adds_up": row["bronze_rows"] == row["current_rows"] + row["superseded_rows"] + row["quarantined_rows"]}
        for row in dataset("conservation")
    ]
    return {
        "tiles": [
            *_revenue_tiles(release, periods.headline),
            _alerts_tile(dataset("open_alerts")),
            _quarantine_tile(release, held),
        ],
        "conservation": conservation,
        "all_rows_accounted": all(row["adds_up"] for row in conservation),
        "held": _held_back(held),
        "reasons": dataset("quarantine_reasons"),
    }


def _revenue_tiles(release: Release, item: Range | None) -> list[Tile]:
    if item is None:
        return [Tile("Net revenue", money(Decimal(0), release.currency), note="No orders yet")]
    now = item.now
    span = "one day" if item.days == 1 else f"last {item.days} days"
    refunded = share(now.refunds, now.sold)
    return [
        Tile(
            f"Net revenue, {span}",
            money(now.net_revenue, release.currency),
            _compared(item, lambda totals: totals.net_revenue, rising_is_good=True),
            note="" if item.before else "Too few days to compare with those before",
        ),
        Tile("Orders", grouped(now.orders), _compared(item, lambda totals: totals.orders, rising_is_good=True)),
        Tile(
            "Average order",
            "no orders" if now.aov is None else money(now.aov, release.currency),
            _compared(item, lambda totals: totals.aov, rising_is_good=True),
        ),
        Tile(
            "Refunds",
            money(now.refunds, release.currency),
            _compared(item, lambda totals: totals.refunds, rising_is_good=False),
            note=f"{refunded} of what was sold" if refunded else "",
        ),
    ]


def _compared(
    item: Range, measure: Callable[[Totals], Decimal | int | None], *, rising_is_good: bool
) -> tuple[Comparison, ...]:
    found = []
    for earlier, against in ((item.before, item.before_words), (item.year_ago, "the same weekdays a year ago")):
        moved = change(measure(item.now), measure(earlier)) if earlier else None
        if moved:
            good = None if moved.direction == "level" else (moved.direction == "up") is rising_is_good
            found.append(Comparison(moved, against, good))
    return tuple(found)


def _alerts_tile(alerts: list[Row]) -> Tile:
    out = sum(row["severity"] == "stockout" for row in alerts)
    if not alerts:
        return Tile("Open stock alerts", "0", note="No product is below its reorder point")
    return Tile("Open stock alerts", grouped(len(alerts)), note=f"{grouped(out)} ran out" if out else "None ran out")


def _quarantine_tile(release: Release, held: Row) -> Tile:
    unpriced = held["lines"] - held["priced_lines"]
    note = _held_back(held)
    if unpriced:
        note += f", {plural(unpriced, 'line')} without a readable amount"
    return Tile("Money at risk in quarantine", money(held["gross"], release.currency), note=note)


def _held_back(held: Row) -> str:
    return f"{plural(held['held_rows'], 'row')} held back" if held["held_rows"] else "No row is held back"


PAGE = PageSpec(
    order=10,
    title="Overview",
    template="overview.html.j2",
    context=context,
    cubes=("sales", "orders", "daily"),
    totals=("net", "orders", "aov", "refunds", "units", "profit"),
    heading="What happened, where and when?",
)
