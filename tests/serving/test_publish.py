"""A release and its publication: one commit, only what differs, all of it or nothing."""

import threading
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import polars as pl
import psycopg2
import pytest
import sqlalchemy as sa

from contracts.errors import ReleaseConflict
from contracts.registry import lake_tables
from lake import delta
from lake import release as releases
from serving import postgres
from serving.publish import publish

STORES = "select store_id, store_name, from_release from serving_v1.dim_store order by 1"


@pytest.fixture
def engine(shop):
    made = postgres.engine(shop.settings)
    yield made
    made.dispose()


@pytest.fixture
def base(shop):
    for run_id in ("a-run", "one", "two"):
        begin(shop, run_id)
    return releases.current(shop.settings)


def begin(shop, run_id):
    """The record of a run under way."""
    shop.database(
        "insert into lakehouse.runs (run_id, command, started_at, status)"
        f" values ('{run_id}', 'pipeline', '2024-01-03', 'running')"
    )


def changed(shop, base, tables):
    """A release like the one before, but for the named tables."""
    root = shop.settings.lake
    versions = {
        name: delta.write_changes(root, lake_tables()[name], rows, base.versions[name]) for name, rows in tables.items()
    }
    return replace(base, release_id=base.release_id + 1, run_id="a-run", versions=base.versions | versions)


def released(shop, base, name):
    return delta.read(shop.settings.lake, lake_tables()[name], base.versions[name])


def stores(*names):
    """Stores A, B, ... so named, and the unknown one."""
    rows = [(chr(65 + n), name, "web", None, "", None) for n, name in enumerate(names)]
    rows.append(("unknown", "unknown", "unknown", None, None, None))
    return pl.DataFrame(rows, schema=lake_tables()["gold.dim_store"].polars_schema(), orient="row")


def nothing_more(_connection):
    """No report is wanted."""


def put(shop, engine, base, tables):
    after = changed(shop, base, tables)
    return after, publish(engine, shop.settings.lake, base, after, nothing_more)


def test_only_rows_that_differ_are_rewritten_and_replaced_ones_move_to_history(shop, engine, base):
    second, counts = put(shop, engine, base, {"gold.dim_store": stores("High Street", "Market")})
    assert counts == (3, 2)  # three staged, two new; the unknown store is as it was
    assert shop.database(STORES) == [("A", "High Street", 2), ("B", "Market", 2), ("unknown", "unknown", 1)]
    _, counts = put(shop, engine, second, {"gold.dim_store": stores("High Street", "Market Square")})
    assert counts == (3, 2)  # one away, one in
    assert shop.database(STORES) == [("A", "High Street", 2), ("B", "Market Square", 3), ("unknown", "unknown", 1)]
    history = "select store_id, store_name, from_release, to_release from serving_history.dim_store"
    assert shop.database(history) == [("B", "Market", 2, 3)]


def test_in_one_publication_rows_are_replaced_where_they_stand_and_others_come_and_go(shop, engine, base):
    second, _ = put(shop, engine, base, {"gold.dim_store": stores("High Street", "Market", "Quay")})
    closed = stores("High Street", "Market Square", "Quay", "Tower").filter(pl.col("store_id") != "C")
    third = changed(shop, second, {"gold.dim_store": closed})
    done = []

    def count(connection):
        told = "select n_tup_upd, n_tup_del from pg_stat_xact_user_tables where relid = "
        done.append(tuple(connection.execute(sa.text(f"{told}'serving_v1.dim_store'::regclass")).one()))

    assert publish(engine, shop.settings.lake, second, third, count) == (4, 4)
    assert done == [(1, 1)]  # Market and Quay
    names = [(store, name) for store, name, _ in shop.database(STORES)]
    assert names == [("A", "High Street"), ("B", "Market Square"), ("D", "Tower"), ("unknown", "unknown")]
    history = "select store_name, from_release, to_release from serving_history.dim_store order by 1"
    assert shop.database(history) == [("Market", 2, 3), ("Quay", 2, 3)]


def test_a_table_whose_version_did_not_move_is_not_touched(shop, engine, base):
    _, counts = put(shop, engine, base, {})
    assert counts == (0, 0)
    assert shop.database("select release_id from serving.publication") == [(2,)]


def test_a_row_that_is_gone_leaves_serving_and_stays_in_history(shop, engine, base):
    orders = released(shop, base, "gold.fct_order_items")
    _, counts = put(shop, engine, base, {"gold.fct_order_items": orders.clear()})
    assert counts == (0, 1)
    assert shop.database("select count(*) from serving.fct_order_items") == [(0,)]
    assert shop.database("select order_id, from_release, to_release from serving_history.fct_order_items") == [
        ("O1", 1, 2)
    ]


def test_a_row_that_moves_to_another_partition_is_there_once(shop, engine, base):
    orders = released(shop, base, "gold.fct_orders")
    moved = orders.with_columns(order_date=pl.date(2023, 12, 31))
    put(shop, engine, base, {"gold.fct_orders": moved})
    assert shop.database("select order_id, order_date from serving.fct_orders") == [("O1", date(2023, 12, 31))]


def test_every_kind_of_value_survives_the_way_to_postgres(shop, engine, base):
    awkward = [
        "a,b",
        'say "hi"',
        "two\nlines",
        "back\\slash",
        "\\N",
        "\\.",
        "",
        "NULL",
        "ünï©ødé 🦊",
        " blank ",
        "\t",
        "\r\n",
    ]
    names = stores(*awkward)
    quarantine = lake_tables()["silver.quarantine"]
    reasons = [["a:b"], ['quote:"x"', "back:\\", "comma:,", "brace:{}", "", "NULL"], []]
    rows = pl.DataFrame(
        [
            (
                "orders",
                date(2024, 1, 2),
                "a.csv",
                n,
                "h",
                '{"k": "v, \\"w\\""}',
                each,
                "r",
                datetime(2024, 1, 2),
                "open",
                None,
            )
            for n, each in enumerate(reasons, start=1)
        ],
        schema=quarantine.polars_schema(),
        orient="row",
    )
    put(shop, engine, base, {"gold.dim_store": names, "silver.quarantine": rows})
    assert shop.database("select store_name from serving.dim_store where store_id <> 'unknown' order by store_id") == [
        (name,) for name in awkward
    ]
    assert shop.database("select distinct country, region from serving.dim_store where store_id <> 'unknown'") == [
        (None, "")
    ]
    assert shop.database("select reasons, raw, corrected_by from serving.quarantine order by row_number") == [
        (each, '{"k": "v, \\"w\\""}', None) for each in reasons
    ]


def test_money_and_ratios_arrive_exactly(shop, engine, base):
    largest = Decimal("99999999999999.9999")
    days = released(shop, base, "gold.fct_revenue_daily").with_columns(
        gross_revenue=pl.lit(largest, pl.Decimal(18, 4)),
        refunds=pl.lit(Decimal("-0.0001"), pl.Decimal(18, 4)),
        return_rate=pl.lit(1 / 3),
        aov=pl.lit(None, pl.Decimal(18, 4)),
    )
    put(shop, engine, base, {"gold.fct_revenue_daily": days})
    assert shop.database("select distinct gross_revenue, refunds, return_rate, aov from serving.fct_revenue_daily") == [
        (largest, Decimal("-0.0001"), 1 / 3, None)
    ]


def test_times_of_the_ends_of_history_arrive(shop, engine, base):
    assert shop.database("select valid_from::text, valid_to::text from serving.dim_product") == [
        ("1900-01-01 00:00:00", "9999-12-31 00:00:00")
    ]


def test_an_error_before_the_commit_leaves_nothing(shop, engine, base):
    def fail(connection):
        assert connection.scalar(sa.text("select count(*) from serving.dim_store")) == 2
        raise RuntimeError("the report cannot be written")

    after = changed(shop, base, {"gold.dim_store": stores("High Street")})
    with pytest.raises(RuntimeError):
        publish(engine, shop.settings.lake, base, after, fail)
    assert shop.database(STORES) == [("unknown", "unknown", 1)]
    assert shop.database("select release_id from serving.publication") == [(1,)]
    assert shop.database("select count(*) from serving_history.dim_store") == [(0,)]


def test_a_line_of_no_order_cannot_be_published(shop, engine, base):
    lines = released(shop, base, "gold.fct_order_items").with_columns(order_id=pl.lit("NONE"))
    with pytest.raises(sa.exc.IntegrityError, match="fct_order_items"):
        put(shop, engine, base, {"gold.fct_order_items": lines})
    assert shop.database("select order_id from serving.fct_order_items") == [("O1",)]


def test_of_two_publishers_that_race_exactly_one_wins(shop, engine, base):
    ready = threading.Barrier(2, timeout=30)
    ended = []

    def run(name):
        after = replace(changed(shop, base, {}), run_id=name)
        ready.wait()
        try:
            publish(engine, shop.settings.lake, base, after, nothing_more)
            ended.append("won")
        except ReleaseConflict as error:
            ended.append(str(error))

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ended) == 2
    assert "won" in ended
    ended.remove("won")
    assert ended == [
        "Release 2 was published while this run was working from 1. Nothing was published; run the same command again."
    ]
    assert shop.database("select count(*) from lakehouse.releases") == [(2,)]


def test_a_reader_keeps_its_snapshot_and_is_not_blocked_by_a_publication(shop, engine, base):
    def read_meanwhile(_connection):
        assert shop.database("select count(*) from serving.dim_store") == [(1,)]
        assert shop.database("select release_id from serving.publication") == [(1,)]

    after = changed(shop, base, {"gold.dim_store": stores("High Street")})
    publish(engine, shop.settings.lake, base, after, read_meanwhile)
    assert shop.database("select count(*) from serving.dim_store") == [(2,)]


def test_a_commit_whose_answer_was_lost_counts_as_published(shop, engine, base, monkeypatch):
    real_commit = engine.dialect.do_commit

    def commit_and_lose_the_answer(connection):
        monkeypatch.setattr(engine.dialect, "do_commit", real_commit)
        real_commit(connection)
        raise psycopg2.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(engine.dialect, "do_commit", commit_and_lose_the_answer)
    _, counts = put(shop, engine, base, {"gold.dim_store": stores("High Street")})
    assert counts == (2, 1)
    assert shop.database("select release_id, run_id from serving.publication") == [(2, "a-run")]


def test_a_commit_that_never_arrived_is_done_again(shop, engine, base, monkeypatch):
    real_commit = engine.dialect.do_commit

    def lose_the_commit(connection):
        monkeypatch.setattr(engine.dialect, "do_commit", real_commit)
        raise psycopg2.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(engine.dialect, "do_commit", lose_the_commit)
    _, counts = put(shop, engine, base, {"gold.dim_store": stores("High Street")})
    assert counts == (2, 1)
    assert shop.database("select release_id, run_id from serving.publication") == [(2, "a-run")]
    assert shop.database(STORES) == [("A", "High Street", 2), ("unknown", "unknown", 1)]


def test_a_run_whose_place_another_took_cannot_publish(shop, engine, base):
    shop.database("update lakehouse.runs set status = 'failed' where run_id = 'a-run'")
    with pytest.raises(ReleaseConflict, match="Run a-run lost its connection and another run has taken its place"):
        put(shop, engine, base, {"gold.dim_store": stores("High Street")})
    assert shop.database("select release_id from serving.publication") == [(1,)]
    assert shop.database(STORES) == [("unknown", "unknown", 1)]


def test_nobody_can_take_the_place_of_a_run_that_is_at_its_commit(shop, engine, base):
    waiting = "set lock_timeout = '100ms'; update lakehouse.runs set status = 'failed' where run_id = 'a-run'"

    def take_over(_connection):
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            shop.database(waiting)

    publish(engine, shop.settings.lake, base, changed(shop, base, {}), take_over)
    assert shop.database("select release_id from serving.publication") == [(2,)]


def test_a_row_somebody_edited_is_put_right_when_it_is_replaced(shop, engine, base):
    second, _ = put(shop, engine, base, {"gold.dim_store": stores("High Street", "Market")})
    shop.database("update serving_v1.dim_store set store_name = 'Low Street' where store_id = 'A'")
    shop.database("delete from serving_v1.dim_store where store_id = 'B'")
    put(shop, engine, second, {"gold.dim_store": stores("Main Street", "Market")})
    assert shop.database(STORES) == [("A", "Main Street", 3), ("B", "Market", 2), ("unknown", "unknown", 1)]
    history = "select store_id, store_name, from_release, to_release from serving_history.dim_store"
    assert shop.database(history) == [("A", "High Street", 2, 3)]


def test_a_row_somebody_added_gives_way_to_the_one_of_its_key(shop, engine, base):
    second, _ = put(shop, engine, base, {"gold.dim_store": stores("High Street")})
    shop.database("insert into serving_v1.dim_store (store_id, store_name, channel, from_release)"
                  " values ('B', 'Nowhere', 'web', 1)")  # fmt: skip
    put(shop, engine, second, {"gold.dim_store": stores("High Street 2", "Market")})
    assert shop.database(STORES) == [("A", "High Street 2", 3), ("B", "Market", 3), ("unknown", "unknown", 1)]
    history = "select store_name, from_release, to_release from serving_history.dim_store"
    assert shop.database(history) == [("High Street", 2, 3)]


def test_statistics_are_fresh_where_much_changed(shop, engine, base):
    known = "select reltuples from pg_class where oid = 'serving_v1.dim_store'::regclass"
    assert shop.database(known) == [(1,)]
    put(shop, engine, base, {"gold.dim_store": stores(*(f"Store {number}" for number in range(20)))})
    assert shop.database(known) == [(21,)]
