"""Many small files as few: the same rows in order, published as a release that rewrites nothing."""

import polars as pl
import pytest

from contracts.registry import lake_tables
from lake import delta
from lake import release as releases
from pipelines.maintain import compact

RESTATEMENTS = "gold.fct_restatements"


@pytest.fixture
def worn(shop):
    """Eight landings, each with a late order of the first day: eight files of restatements."""
    for day in range(3, 11):
        order = {"order_id": f"O{day}"}
        shop.land(f"2024-01-{day:02}", orders=[order], order_items=[order])
    shop.succeed("pipeline", "--all", "--release-each")
    return shop


def rows(shop, name, version):
    table = lake_tables()[name]
    return delta.read(shop.settings.lake, table, version).sort(table.key)


def test_a_table_of_many_small_files_is_compacted_into_a_release_with_the_same_rows(worn, monkeypatch):
    before = releases.current(worn.settings)
    root, table = worn.settings.lake, lake_tables()[RESTATEMENTS]
    assert len(delta.files(root, table, before.versions[RESTATEMENTS])) == 8
    served = worn.database("select * from serving_v1.fct_restatements order by 1, 2, 3")
    assert "8 files of gold.fct_restatements would be compacted" in worn.succeed("maintain", "--dry-run").out
    # Not while the figures belong to other settings: the next run rewrites them.
    with monkeypatch.context() as patch:
        patch.setenv("TILLHOUSE_REFUND_WINDOW_DAYS", "7")
        worn.succeed("maintain")
    assert releases.current(worn.settings) == before

    worn.succeed("maintain")

    after = releases.current(worn.settings)
    assert (after.release_id, after.as_of, after.settings) == (10, before.as_of, before.settings)
    assert [name for name in after.versions if after.versions[name] != before.versions[name]] == [RESTATEMENTS]
    assert len(delta.files(root, table, after.versions[RESTATEMENTS])) == 1
    for name, version in after.versions.items():
        assert rows(worn, name, version).equals(rows(worn, name, before.versions[name]))
    # In order of the key, so that a file's statistics say what it can hold.
    written = delta.read(root, table, after.versions[RESTATEMENTS])
    assert written.equals(written.sort(table.key))
    # Nothing was rewritten in Postgres: the rows are those of the releases that wrote them.
    assert worn.database("select * from serving_v1.fct_restatements order by 1, 2, 3") == served
    steps = "select rows_out from lakehouse.run_steps where run_id = '{}' and step = 'publish'"
    assert worn.database(steps.format(after.run_id)) == [(0,)]
    assert worn.ask("/v1/metrics/daily")["release"] == 10
    # Once is enough, and the day after is one like any other.
    worn.succeed("maintain")
    worn.land("2024-01-11", orders=[{"order_id": "O11"}], order_items=[{"order_id": "O11"}])
    worn.succeed("pipeline", "2024-01-11")
    restated = worn.rows(f"select distinct release_id from {RESTATEMENTS} order by 1")
    assert [int(row["release_id"]) for row in restated] == [*range(2, 10), 11]
    assert worn.rows("select orders from gold.fct_revenue_daily where date = '2024-01-01'") == [{"orders": "10"}]


def test_few_files_or_large_ones_are_let_be(shop, monkeypatch):
    versions = releases.current(shop.settings).versions
    assert compact.find(shop.settings.lake, versions) == []
    # Were every file large, or a place too large to hold in memory, there would be nothing to gain or a risk.
    monkeypatch.setattr(compact, "WORTH", 1)
    found = {worn.table.full_name: worn.days for worn in compact.find(shop.settings.lake, versions)}
    assert [str(day) for day in found["gold.fct_orders"]] == ["2024-01-01"]
    assert found["gold.dim_store"] is None
    monkeypatch.setattr(compact, "SMALL", 1)
    assert compact.find(shop.settings.lake, versions) == []
    monkeypatch.setattr(compact, "SMALL", 2**20)
    monkeypatch.setattr(compact, "MOST", 1)
    assert compact.find(shop.settings.lake, versions) == []


def test_partitions_are_compacted_each_by_itself(shop):
    root, table = shop.settings.lake, lake_tables()["silver.customers"]
    orders = lake_tables()["silver.orders"]
    version = releases.current(shop.settings).versions[orders.full_name]
    one = delta.read(root, orders, version)
    for number in range(8, 0, -1):
        more = one.with_columns(order_id=pl.lit(f"Z{number}"))
        version = write(root, orders, more)
    versions = {orders.full_name: version}
    [worn] = compact.compact(root, versions)
    assert (worn.files, [str(day) for day in worn.days]) == (9, ["2024-01-01"])
    assert len(delta.files(root, orders, versions[orders.full_name])) == 1
    assert delta.read(root, orders, versions[orders.full_name])["order_id"].to_list() == [
        "O1",
        *(f"Z{number}" for number in range(1, 9)),
    ]
    assert table.full_name not in versions


def write(root, table, frame):
    """A version that no run of ours made."""
    from deltalake import DeltaTable, write_deltalake

    write_deltalake(delta.location(root, table), frame.to_arrow(), mode="append")
    return DeltaTable(delta.location(root, table)).version()
