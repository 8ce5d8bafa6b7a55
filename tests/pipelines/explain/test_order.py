"""Orders explained: each adds up to its row, and each file and row cited holds the cited value."""

import csv
import functools
import gzip
import io
import os
import random
import shutil
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from pipelines.explain import order
from pipelines.explain.evidence import Amount, Cite
from pipelines.explain.order import Order
from tests.conftest import Home
from tests.pipelines.explain.conftest import in_memory

SHARED = os.environ.get("TILLHOUSE_SHARED")
ORDERS = 100
Records = Callable[[str], list[dict[str, str]]]


def reader(landing: Path) -> Records:
    """Reads the records of a landed file, by Python's own csv module."""

    @functools.cache
    def records(file: str) -> list[dict[str, str]]:
        raw = (landing / file).read_bytes()
        text = (gzip.decompress(raw) if file.endswith(".gz") else raw).decode("utf-8-sig")
        header, *rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
        return [dict(zip((name.strip() for name in header), row, strict=False)) for row in rows]

    return records


def amounts(explained: Order) -> Iterator[Amount]:
    yield from (explained.is_revenue, *explained.clocks, *explained.amounts)
    for line in explained.lines:
        yield from line.amounts
        for each in line.returns:
            yield from (each.refund_eligible, each.refund_amount, each.refunded_tax)


def is_there(records: Records, cited: Cite) -> bool:
    # An empty field and a column the file lacks are both no value.
    return (records(cited.file)[cited.row - 1].get(cited.column) or None) == (cited.value or None)


def gross_of_the_file(records: Records, gross: Amount) -> Decimal:
    quantity, price = (Decimal(records(each.file)[each.row - 1][each.column].strip()) for each in gross.cites)
    return quantity * price.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def check(home: Home, count: int) -> int:
    """Explain orders drawn by chance; returns the landed values compared."""
    records = reader(home.path / "landing")
    release, con = in_memory(home.settings)
    ids = [order_id for (order_id,) in con.execute("select order_id from gold.fct_orders order by order_id").fetchall()]
    compared = 0
    for order_id in random.Random(5).sample(ids, min(count, len(ids))):
        explained = order.explain_in(release, con, order_id)
        assert explained.adds_up, [each for each in explained.proof if not each.agrees]
        for cited in [cited for each in amounts(explained) for cited in each.cites]:
            assert is_there(records, cited), (order_id, cited)
            compared += 1
        for line in explained.lines:
            [gross] = [each for each in line.amounts if each.name == "gross_amount"]
            assert gross_of_the_file(records, gross) == gross.value
    return compared


@pytest.mark.skipif(SHARED is None, reason="TILLHOUSE_SHARED does not name the folder of shared samples")
def test_a_hundred_orders_of_the_nasty_sample_add_up_and_cite_what_landed(home: Home) -> None:
    shutil.copytree(Path(str(SHARED)) / "acceptance/small_nasty/landing", home.path / "landing")
    home.succeed("pipeline", "--all")
    assert check(home, ORDERS) > 10 * ORDERS


def test_a_hundred_orders_of_a_made_shop_add_up_and_cite_what_landed(home: Home) -> None:
    home.succeed("generate", "--days", "12", "--start", "2024-01-01", "--orders-per-day", "15", "--noise", "0.02")
    home.succeed("pipeline", "--all")
    assert check(home, ORDERS) > 10 * ORDERS


def test_a_cancelled_order_has_amounts_and_is_on_no_clock(shop: Home) -> None:
    shop.land("2024-01-03", orders=[{"status": "cancelled", "cancelled_at": "2024-01-03T08:00:00"}])
    shop.succeed("pipeline", "2024-01-03")
    explained = order.explain(shop.settings, "O1")
    assert (explained.is_revenue.value, explained.clocks, explained.adds_up) == (False, (), True)
    assert explained.is_revenue.formula == "the status is cancelled, so it is not revenue"
    assert {each.name: each.value for each in explained.amounts}["net_revenue"] == Decimal(16)


def test_an_order_without_a_line_or_shipping_is_all_zeros(shop: Home) -> None:
    shop.land("2024-01-03", orders=[{"order_id": "O2", "shipping_amount": ""}])
    shop.succeed("pipeline", "2024-01-03")
    explained = order.explain(shop.settings, "O2")
    assert {each.value for each in explained.amounts} == {Decimal(0)}
    assert explained.amounts[-1].formula == "no shipping amount landed, which counts as 0.0000"
    assert explained.adds_up


def test_gold_that_is_not_what_silver_gives_does_not_add_up(shop: Home) -> None:
    release, con = in_memory(shop.settings)
    con.execute("update gold.fct_orders set net_revenue = 16.0001")
    explained = order.explain_in(release, con, "O1")
    assert not explained.adds_up
    [differs] = [each for each in explained.proof if not each.agrees]
    assert (differs.name, differs.difference) == ("fct_orders.net_revenue", Decimal("-0.0001"))
