"""Gold as the build leaves it: contracted columns, exact money, and a clear stop where a figure does not fit."""

import random
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from pathlib import Path

import duckdb
import pytest

from contracts import registry
from contracts.errors import CheckFailed, QueryError
from contracts.settings import Settings
from pipelines.gold import build as gold

AS_OF = date(2024, 2, 15)
FROM = "'2024-01-01', '2024-01-01', 'given.csv', 1, '0123456789abcdef'"


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("create schema silver")
        for table in registry.tables("silver").values():
            columns = ", ".join(f"{name} {kind}" for name, kind in table.duckdb_types().items())
            con.execute(f"create table {table.full_name} ({columns})")
        yield con


@pytest.fixture
def defaults(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_every_contract_of_gold_has_a_model_and_comes_out_with_its_columns_and_types(
    con: duckdb.DuckDBPyConnection, defaults: Settings
) -> None:
    rows = gold.build(con, AS_OF, defaults)
    # A log is made of what differs from the release before, and there is none.
    made = [table for table in registry.tables("gold").values() if table.scope != "log"]
    assert rows.keys() == {table.name for table in made}
    for table in made:
        found = {name: kind for name, kind, *_ in con.execute(f"describe {table.full_name}").fetchall()}
        assert list(found.items()) == list(table.duckdb_types().items())


def test_an_empty_shop_has_its_eight_payment_methods_and_its_unknown_store_and_nothing_else(
    con: duckdb.DuckDBPyConnection, defaults: Settings
) -> None:
    rows = gold.build(con, AS_OF, defaults)
    assert {name: count for name, count in rows.items() if count} == {"dim_payment_method": 8, "dim_store": 1}


def test_building_again_replaces_what_was_there(con: duckdb.DuckDBPyConnection, defaults: Settings) -> None:
    gold.build(con, AS_OF, defaults)
    con.execute(f"insert into silver.stores values ('S1', 'Shop', 'web', null, null, null, '2024-01-01', {FROM})")
    assert gold.build(con, AS_OF, defaults, only=["dim_store"]) == {"dim_store": 2}
    assert con.execute("select count(*) from gold.dim_store").fetchall() == [(2,)]


def test_the_average_shipped_looks_back_30_days_and_no_further(
    con: duckdb.DuckDBPyConnection, defaults: Settings
) -> None:
    con.execute(
        f"insert into silver.product_versions values ('P1', 'Cup', null, null, null, 10, null, 0, '2024-01-01', {FROM})"
    )
    con.execute(
        "insert into silver.inventory_movements values "
        f"('M1', 'P1', null, 'shipment', 60, '2024-01-01 08:00:00', null, '2024-01-01', {FROM})"
    )
    gold.build(con, AS_OF, defaults)
    averages = con.execute(
        "select date, avg_daily_shipped_30d from gold.fct_inventory_daily "
        "where date in ('2024-01-02', '2024-01-30', '2024-01-31') order by date"
    ).fetchall()
    assert averages == [(date(2024, 1, 2), 30.0), (date(2024, 1, 30), 2.0), (date(2024, 1, 31), 0.0)]


def test_a_cost_that_no_column_can_hold_stops_the_build_and_is_named(
    con: duckdb.DuckDBPyConnection, defaults: Settings
) -> None:
    con.execute(
        "insert into silver.product_versions values "
        f"('P1', 'Cup', null, null, null, 10, 99999999999999, 0, '2024-01-01', {FROM})"
    )
    con.execute(
        "insert into silver.orders values ('O1', null, null, 'fulfilled', '2024-01-01', null, null, null, null, "
        f"null, 'card', 'USD', null, '2024-01-01', '2024-01-01', {FROM})"
    )
    con.execute(f"insert into silver.order_items values ('O1', 1, 'P1', 999999999, 1, 0, 0, '2024-01-01', {FROM})")
    with pytest.raises(CheckFailed, match=r"gold\.fct_order_items does not fit"):
        gold.build(con, AS_OF, defaults)


def test_a_parameter_no_model_has_is_named(defaults: Settings) -> None:
    with pytest.raises(QueryError, match=r"reads \$today"):
        gold.parameters_of("select $today as day", AS_OF, defaults)


def test_only_the_parameters_a_model_names_are_handed_to_it(defaults: Settings) -> None:
    sql = "select $as_of as day, $min_pair_orders as orders"
    assert gold.parameters_of(sql, AS_OF, defaults) == {"as_of": AS_OF, "min_pair_orders": 5}


def test_a_money_quotient_is_exact_and_rounded_once_half_away_from_zero(con: duckdb.DuckDBPyConnection) -> None:
    draw = random.Random(30)
    shares = [
        # From one digit to all that DECIMAL(18, 4) holds.
        (Decimal(draw.randrange(-limit, limit)).scaleb(-4), draw.randrange(10**9), draw.randrange(1, 10**9))
        for limit in (10, 10**4, 10**9, 10**18)
        for _ in range(250)
    ]
    con.execute(gold.MACROS.read_text(encoding="utf-8"))
    con.execute("create table shares (amount decimal(18, 4), part bigint, whole bigint)")
    con.executemany("insert into shares values (?, ?, ?)", [(str(amount), *rest) for amount, *rest in shares])
    found = con.execute("select exact_quotient(amount * part, whole) from shares").fetchall()
    exact = Context(prec=60)
    expected = [
        exact.divide(exact.multiply(amount, Decimal(part)), Decimal(whole)).quantize(
            Decimal("0.0001"), rounding=ROUND_HALF_UP, context=exact
        )
        for amount, part, whole in shares
    ]
    assert [quotient for (quotient,) in found] == expected


@pytest.mark.parametrize(
    ("amount", "divisor", "expected"),
    [
        ("0.0001", "2", "0.0001"),
        ("-0.0001", "2", "-0.0001"),
        ("0.0001", "3", "0.0000"),
        ("10.0000", "3", "3.3333"),
        ("20.0000", "3", "6.6667"),
        ("1.00000001", "0.0001", "10000.0001"),
        ("1.0000", "0", None),
        (None, "3", None),
    ],
)
def test_a_money_quotient_by_hand(
    con: duckdb.DuckDBPyConnection, amount: str | None, divisor: str, expected: str | None
) -> None:
    con.execute(gold.MACROS.read_text(encoding="utf-8"))
    sql = "select exact_quotient(cast(? as decimal(38, 8)), cast(? as decimal(18, 4)))"
    assert con.execute(sql, [amount, divisor]).fetchall() == [(None if expected is None else Decimal(expected),)]
