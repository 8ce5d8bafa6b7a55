"""Sums orders and gross revenue per day straight from export CSVs, and again from what an import landed.

Shares no code with the importers: the csv module, Decimal and plain loops.

    python check_online_retail_ii.py LANDING EXPORT.csv...    exit 1 and the days that differ
"""

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

Sums = dict[str, tuple[int, Decimal]]  # day -> orders, gross revenue


def sums_of_export(paths: Iterable[Path]) -> Sums:
    """Orders (invoices of digits with a line of units and a price) and their gross, by day of the invoice."""
    lines = _counted_lines(paths)
    first_times: dict[str, datetime] = {}
    for invoice, _, _, _, at, _, _, _ in lines:
        first_times[invoice] = min(at, first_times.get(invoice, at))
    gross: dict[str, Decimal] = defaultdict(Decimal)
    orders: dict[str, set[str]] = defaultdict(set)
    for (invoice, _, _, quantity, _, price, _, _), count in lines.items():
        if invoice.isdigit() and quantity > 0 and price >= 0:
            day = first_times[invoice].date().isoformat()
            gross[day] += quantity * price * count
            orders[day].add(invoice)
    return {day: (len(orders[day]), gross[day]) for day in sorted(gross)}


def sums_of_landing(landing: Path) -> Sums:
    """Orders by created_at, and the gross of their lines."""
    days = {row["order_id"]: row["created_at"][:10] for row in _records(landing.glob("*/orders_*.csv"))}
    gross: dict[str, Decimal] = defaultdict(Decimal)
    for row in _records(landing.glob("*/order_items_*.csv")):
        gross[days[row["order_id"]]] += int(row["quantity"]) * Decimal(row["unit_price"])
    counts = Counter(days.values())
    return {day: (counts[day], gross[day]) for day in sorted(gross)}


def _counted_lines(paths: Iterable[Path]) -> Counter[tuple]:
    """How often each line of each invoice counts: as often as in the copy of the invoice that has it most."""
    counted: Counter[tuple] = Counter()
    for path in paths:
        copy: Counter[tuple] = Counter()
        invoice = None
        for row in _records([path]):
            line = _line(row)
            if line[0] != invoice:
                copy, invoice = Counter(), line[0]
            copy[line] += 1
            counted[line] = max(counted[line], copy[line])
    return counted


def _line(row: dict[str, str]) -> tuple:
    return (
        (row.get("InvoiceNo") or row["Invoice"]).strip(),
        row["StockCode"].strip(),
        row["Description"].strip(),
        int(row["Quantity"]),
        _time(row["InvoiceDate"]),
        Decimal(row.get("UnitPrice") or row["Price"]),
        (row.get("CustomerID") or row.get("Customer ID") or "").partition(".")[0],
        row["Country"].strip(),
    )


def _time(text: str) -> datetime:
    if "/" not in text:
        return datetime.fromisoformat(text)
    month, day, rest = text.split("/")
    year, clock = rest.split(" ")
    return datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2} {clock:0>5}")


def _records(paths: Iterable[Path]) -> Iterable[dict[str, str]]:
    for path in paths:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            yield from csv.DictReader(handle)


def main(landing: str, *exports: str) -> int:
    """Compare, and say which days differ."""
    expected, found = sums_of_export(map(Path, exports)), sums_of_landing(Path(landing))
    differ = [day for day in sorted({*expected, *found}) if expected.get(day) != found.get(day)]
    for day in differ:
        sys.stderr.write(f"{day}: export {expected.get(day)}, landing {found.get(day)}\n")
    sys.stdout.write(f"{len(expected)} days compared, {len(differ)} differ\n")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
