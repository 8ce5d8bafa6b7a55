"""The ranges a page offers and the exact totals of each, beside the period before and the year before."""

from dataclasses import dataclass
from decimal import Decimal

from serving.reports.formats import grouped
from serving.reports.query import Row

HEADLINE = "30"
PREFERRED = "90"
ALL = "all"


@dataclass(frozen=True)
class Totals:
    """Sums over fct_revenue_daily of one period that the data cover whole."""

    orders: int
    net_revenue: Decimal
    refunds: Decimal
    sold: Decimal  # gross less discounts and taxes, before refunds
    recognized_net: Decimal
    aov: Decimal | None


@dataclass(frozen=True)
class Range:
    """The last `days` days, the as many before them, and the same weekdays 52 weeks earlier."""

    key: str
    days: int
    now: Totals
    before: Totals | None
    year_ago: Totals | None

    @property
    def words(self) -> str:
        """`the last 30 days`."""
        return "one day" if self.days == 1 else f"the last {grouped(self.days)} days"

    @property
    def before_words(self) -> str:
        """`the 30 days before`."""
        return f"the {grouped(self.days)} days before"

    @property
    def label(self) -> str:
        """What the range is called where it is chosen."""
        if self.key == ALL:
            return f"All {grouped(self.days)} days"
        return "1 year" if self.key == "365" else f"{self.key} days"


@dataclass(frozen=True)
class Periods:
    """The ranges that the data cover, shortest first; empty for a shop without an order."""

    ranges: tuple[Range, ...]

    @property
    def headline(self) -> Range | None:
        """The last 30 days, or all there are where they are fewer."""
        return self._by_key(HEADLINE)

    @property
    def preferred(self) -> Range | None:
        """The range a page opens with: 90 days where the 90 before can be compared, else the headline's."""
        found = self._by_key(PREFERRED)
        return found if found and found.before else self.headline

    def _by_key(self, key: str) -> Range | None:
        return next((item for item in self.ranges if item.key in (key, ALL)), None)


def read_periods(rows: list[Row]) -> Periods:
    """From the rows of `queries/period_totals.sql`: one per range and period, whole periods only."""
    found = {(row["range"], row["period"]): row for row in rows}
    ranges = [
        Range(
            key=row["range"],
            days=row["days"],
            now=_totals(row),
            before=_totals_or_none(found.get((row["range"], "before"))),
            year_ago=_totals_or_none(found.get((row["range"], "year_ago"))),
        )
        for row in rows
        if row["period"] == "now"
    ]
    return Periods(tuple(sorted(ranges, key=lambda item: item.days)))


def _totals_or_none(row: Row | None) -> Totals | None:
    return None if row is None else _totals(row)


def _totals(row: Row) -> Totals:
    return Totals(
        orders=int(row["orders"]),
        net_revenue=row["net_revenue"],
        refunds=row["refunds"],
        sold=row["sold"],
        recognized_net=row["recognized_net"],
        aov=row["aov"],
    )
