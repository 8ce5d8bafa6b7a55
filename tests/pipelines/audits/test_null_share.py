"""A column that is null in far more of the newest rows than before, by figures computed by hand."""

import pytest

from contracts.registry import sources

VALUES = {"text": "'x'", "int": "1", "money": "1", "ts": "timestamp '2024-01-01'"}
# Where the landed rows of a source stand, if not under its name, and what tells like from unlike.
TABLES = {"products": "product_versions"}
KINDS = {"orders": "status", "inventory_movements": "movement_type"}
LANDED_COLUMNS = [
    (source.name, column.name, column.type)
    for source in sources().values()
    for column in source.columns
    if column.nullable
]


def rows(lake, source, column, landing_date, filled, nulls, kind="delivered", value="'x'"):
    """Rows of a landing date, `column` filled in some of them."""
    columns, values = ["landing_date", column], [f"date '{landing_date}'", f"case when n < {filled} then {value} end"]
    if source in KINDS:
        columns.append(KINDS[source])
        values.append(f"'{kind}'")
    lake.con.execute(
        f"insert into silver.{TABLES.get(source, source)} ({', '.join(columns)})"
        f" select {', '.join(values)} from range({filled + nulls}) as numbers(n)"
    )


def loaded(lake, source, landing_date="2024-01-02", run_id="run"):
    lake.put("bronze.landed_files", source=source, landing_date=landing_date, run_id=run_id)


def said(lake):
    """What the warning observed, and what it allows; None where it is quiet."""
    found = lake.failed_audit("null_share")
    if found is None:
        return None
    assert not found.blocks
    return found.observed, found.threshold


@pytest.mark.parametrize(("source", "column", "kind"), LANDED_COLUMNS, ids=lambda each: each)
def test_every_column_of_a_landed_file_that_may_be_null_is_watched(empty_lake, source, column, kind):
    loaded(empty_lake, source)
    rows(empty_lake, source, column, "2024-01-01", filled=100, nulls=0, value=VALUES[kind])
    rows(empty_lake, source, column, "2024-01-02", filled=0, nulls=20, value=VALUES[kind])
    result = empty_lake.failed_audit("null_share")
    assert result.observed.startswith(f"{source}: {column}")
    assert result.observed.endswith("null in 100.0% of the newest 20 rows")


@pytest.mark.parametrize(
    ("nulls", "expected"),
    [(8, None), (9, ("customers: email null in 36.0% of the newest 25 rows", "34.8%, with 10.0% before"))],
)
def test_few_rows_must_jump_by_four_standard_deviations(empty_lake, nulls, expected):
    # Of 100 earlier rows 10 are null; expected 11 of 102, so a share of 25 rows varies by
    # sqrt(0.1078 * 0.8922 / 25) = 0.0620: from 0.1 + 4 * 0.0620 = 34.8% on it is a jump.
    loaded(empty_lake, "customers")
    rows(empty_lake, "customers", "email", "2024-01-01", filled=90, nulls=10)
    rows(empty_lake, "customers", "email", "2024-01-02", filled=25 - nulls, nulls=nulls)
    assert said(empty_lake) == expected


@pytest.mark.parametrize(("nulls", "warns"), [(200, False), (201, True)])
def test_many_rows_must_jump_by_ten_points(empty_lake, nulls, warns):
    # Four standard deviations of 1,000 rows at 10% are 3.8 points: less than ten.
    loaded(empty_lake, "orders")
    rows(empty_lake, "orders", "customer_id", "2024-01-01", filled=900, nulls=100)
    rows(empty_lake, "orders", "customer_id", "2024-01-02", filled=1000 - nulls, nulls=nulls)
    assert (said(empty_lake) is not None) == warns


@pytest.mark.parametrize(("before", "now", "warns"), [(100, 20, True), (99, 20, False), (100, 19, False)])
def test_nothing_is_said_of_fewer_than_20_new_or_100_earlier_rows(empty_lake, before, now, warns):
    loaded(empty_lake, "customers")
    rows(empty_lake, "customers", "email", "2024-01-01", filled=before, nulls=0)
    rows(empty_lake, "customers", "email", "2024-01-02", filled=0, nulls=now)
    assert (said(empty_lake) is not None) == warns


def test_only_the_newest_landing_date_of_this_run_is_judged(empty_lake):
    loaded(empty_lake, "customers", "2024-01-02", run_id="another")
    rows(empty_lake, "customers", "email", "2024-01-01", filled=100, nulls=0)
    rows(empty_lake, "customers", "email", "2024-01-02", filled=0, nulls=20)
    assert said(empty_lake) is None
    loaded(empty_lake, "customers", "2024-01-03")
    rows(empty_lake, "customers", "email", "2024-01-03", filled=20, nulls=0)
    assert said(empty_lake) is None
    rows(empty_lake, "customers", "email", "2024-01-03", filled=0, nulls=40)
    # 20 of 120 rows before, 40 of 60 now.
    assert said(empty_lake)[0] == "customers: email null in 66.7% of the newest 60 rows"


def test_an_order_on_its_way_is_not_compared_with_delivered_ones(empty_lake):
    loaded(empty_lake, "orders")
    rows(empty_lake, "orders", "delivered_at", "2024-01-01", filled=100, nulls=0, value=VALUES["ts"])
    rows(empty_lake, "orders", "delivered_at", "2024-01-02", filled=0, nulls=50, kind="paid", value=VALUES["ts"])
    assert said(empty_lake) is None


def test_a_receipt_names_no_order_and_is_not_compared_with_shipments(empty_lake):
    loaded(empty_lake, "inventory_movements")
    rows(empty_lake, "inventory_movements", "order_id", "2024-01-01", filled=100, nulls=0, kind="shipment")
    rows(empty_lake, "inventory_movements", "order_id", "2024-01-02", filled=0, nulls=50, kind="receipt")
    assert said(empty_lake) is None
