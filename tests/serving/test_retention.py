"""What is kept of the past, and for how long."""

from datetime import UTC, datetime, timedelta

import pytest

from serving import postgres, retention

NOW = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture
def engine(shop):
    made = postgres.engine(shop.settings)
    yield made
    made.dispose()


def released(shop, *days_ago):
    """Releases 1, 2, ... made so many days before NOW, of the runs run-1, run-2, ..."""
    shop.database("delete from lakehouse.releases; update lakehouse.runs set started_at = '2024-05-31'")
    for number, days in enumerate(days_ago, start=1):
        when = (NOW - timedelta(days=days)).isoformat()
        shop.database(
            f"insert into lakehouse.runs (run_id, command, started_at, status)"
            f" values ('run-{number}', 'pipeline', '{when}', 'released');"
            f"insert into lakehouse.releases values ({number}, 'run-{number}', '2024-01-02', '{when}', '{{}}', '{{}}')"
        )


@pytest.mark.parametrize(
    ("days_ago", "oldest"),
    [
        ((), None),
        ((400,), 1),  # in force, however old
        ((50, 10), 1),
        ((400, 300), 2),
        ((400, 300, 10), 2),  # 2 was in force until ten days ago
        ((400, 91, 90, 89), 3),
    ],
)
def test_a_release_is_kept_for_the_retention_time_after_another_replaced_it(shop, engine, days_ago, oldest):
    released(shop, *days_ago)
    with engine.connect() as connection:
        assert retention.oldest_kept(connection, NOW, 90) == oldest


def test_with_an_expired_release_go_its_run_and_the_rows_that_it_alone_held(shop, engine):
    released(shop, 400, 300, 10)
    for span in ("1, 2", "1, 3", "2, 3"):
        shop.database(
            f"insert into serving_history.dim_store (store_id, from_release, to_release) values ('S', {span})"
        )
    shop.database("insert into lakehouse.run_steps values ('run-1', 1, 'gold', 0, 0, 0, 1)")
    shop.database(
        "insert into lakehouse.stopped_quarantine values"
        " ('orders', '2024-01-02', 'a.csv', 1, 'h', '{}', '{}', 'run-1', '2024-01-02', 'open', null)"
    )
    counted = retention.expire(engine, NOW, 90, dry_run=True)
    assert shop.database("select count(*) from lakehouse.releases") == [(3,)]
    assert retention.expire(engine, NOW, 90) == counted
    assert counted == retention.Expired(oldest_kept=2, releases=(1,), kept=(2, 3), runs=1, replaced_rows=1)
    assert shop.database("select release_id from lakehouse.releases order by 1") == [(2,), (3,)]
    # The run of release 2 is as old, and stays with it.
    assert shop.database("select run_id from lakehouse.runs where run_id like 'run-%' order by 1") == [
        ("run-2",),
        ("run-3",),
    ]
    assert shop.database("select from_release, to_release from serving_history.dim_store order by 1, 2") == [
        (1, 3),
        (2, 3),
    ]
    assert shop.database("select count(*) from lakehouse.stopped_quarantine") == [(0,)]
    assert retention.expire(engine, NOW, 90).releases == ()


def test_a_run_under_way_is_kept_however_long_it_takes(shop, engine):
    released(shop, 400)
    shop.database(
        "insert into lakehouse.runs (run_id, command, started_at, status) values ('r', '', '2020-01-01', 'running')"
    )
    assert retention.expire(engine, NOW, 90).runs == 0
