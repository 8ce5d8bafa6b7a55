"""What passes by itself is tried again, a bounded number of times; nothing else is."""

import contextlib
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime

import psycopg2
import pytest
import sqlalchemy as sa

from contracts.errors import DatabaseUnavailable, ReleaseConflict
from contracts.settings import Settings
from lake import release as releases
from serving import embedded, postgres, retry
from serving import publish as publishing
from serving.failures import ConnectionLost
from serving.publish import publish
from serving.retry import Retries
from serving.run_records import Records


@pytest.fixture
def engine(shop):
    made = postgres.engine(shop.settings)
    yield made
    made.dispose()


@pytest.fixture
def retries(monkeypatch):
    """Patience of a test."""
    monkeypatch.setattr(retry, "JITTER_S", 0.05)
    return Retries()


def begin(engine, settings):
    """A release to be published by a run under way; the one before it."""
    base = releases.current(settings)
    Records(engine, settings).start("a-run", "pipeline", datetime(2024, 1, 3, tzinfo=UTC))
    return base, replace(base, release_id=base.release_id + 1, run_id="a-run")


def once(work):
    """A step before the commit that does its work in the first attempt only."""
    left = [work]

    def step(connection):
        if left:
            left.pop()(connection)

    return step


@contextlib.contextmanager
def another_session(url):
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        yield cursor


def test_a_connection_killed_before_the_commit_publishes_in_the_next_attempt(shop, engine, retries):
    def kill(connection):
        backend = connection.scalar(sa.text("select pg_backend_pid()"))
        shop.database(f"select pg_terminate_backend({backend})")

    base, after = begin(engine, shop.settings)
    publish(engine, shop.settings.lake, base, after, once(kill), retries)
    assert shop.database("select release_id, run_id from lakehouse.releases where release_id > 1") == [(2, "a-run")]
    assert len(retries.told) == 1
    assert retries.told[0].startswith("publish, attempt 2: ")


def test_a_server_that_restarts_in_the_middle_is_waited_for(shop, tmp_path, retries):
    own = Settings(home=tmp_path / "a server", database_url=None)
    url = embedded.start(own)
    try:
        engine = sa.create_engine(url.replace("postgresql", "postgresql+psycopg2", 1), pool_pre_ping=True)
        tries = []

        def insert():
            tries.append(1)
            with postgres.translate_errors(), engine.begin() as connection:
                connection.execute(sa.text("create table if not exists t (x int)"))
                if len(tries) == 1:
                    embedded.stop(own)
                    threading.Timer(0.7, embedded.start, [own]).start()
                connection.execute(sa.text("insert into t values (1)"))

        retries.call("the insert", insert)
        with engine.connect() as connection:
            assert connection.scalar(sa.text("select count(*) from t")) == 1
        engine.dispose()
    finally:
        embedded.stop(own)
    # The connection broke, then nobody answered, then somebody did.
    assert len(retries.told) >= 2
    assert any("No such file or directory" in told or "starting up" in told for told in retries.told)


def test_an_embedded_server_that_was_stopped_is_started_again(tmp_path, retries):
    own = Settings(home=tmp_path / "a server", database_url=None)
    try:
        records = Records(postgres.engine(own), own, retries)
        records.prepare("lake-1")
        embedded.stop(own)
        records.prepare("lake-1")
        records.engine.dispose()
    finally:
        embedded.stop(own)


def test_a_lock_not_had_in_time_is_asked_for_again(shop, engine, retries, monkeypatch):
    monkeypatch.setattr(publishing, "LOCK_TIMEOUT", "200ms")
    base, after = begin(engine, shop.settings)
    with another_session(shop.url) as cursor:
        cursor.execute("lock table lakehouse.releases in exclusive mode")
        threading.Timer(0.7, cursor.connection.rollback).start()
        publish(engine, shop.settings.lake, base, after, lambda _: None, retries)
    assert shop.database("select max(release_id) from lakehouse.releases") == [(2,)]
    assert "lock timeout" in retries.told[0]


def test_a_lock_that_is_never_let_go_is_asked_for_a_bounded_number_of_times(shop, engine, retries, monkeypatch):
    monkeypatch.setattr(publishing, "LOCK_TIMEOUT", "50ms")
    monkeypatch.setattr(retry, "ATTEMPTS", 3)
    base, after = begin(engine, shop.settings)
    with another_session(shop.url) as cursor:
        cursor.execute("lock table lakehouse.runs in exclusive mode")
        with pytest.raises(DatabaseUnavailable, match="lock timeout"):
            publish(engine, shop.settings.lake, base, after, lambda _: None, retries)
    assert [told.split(":")[0] for told in retries.told] == ["publish, attempt 2", "publish, attempt 3"]
    assert shop.database("select max(release_id) from lakehouse.releases") == [(1,)]


def test_the_victim_of_a_deadlock_tries_again(shop, engine, retries):
    base, after = begin(engine, shop.settings)
    with another_session(shop.url) as cursor:
        cursor.execute("select 1 from serving_v1.dim_product for update")

        def tangle(connection):
            connection.execute(sa.text("select 1 from serving_v1.dim_store for update"))

            def want_the_other_one():
                time.sleep(0.3)  # who waits longest looks for deadlocks first
                cursor.execute("select 1 from serving_v1.dim_store for update")
                cursor.connection.rollback()

            threading.Thread(target=want_the_other_one).start()
            connection.execute(sa.text("select 1 from serving_v1.dim_product for update"))

        publish(engine, shop.settings.lake, base, after, once(tangle), retries)
    assert "deadlock detected" in retries.told[0]
    assert shop.database("select max(release_id) from lakehouse.releases") == [(2,)]


def test_a_lookup_of_a_lost_commit_is_tried_again_while_the_server_is_away(shop, engine, retries, monkeypatch):
    real_commit, real_connect = engine.dialect.do_commit, engine.dialect.connect
    away = [2]

    def connect(*arguments, **parameters):
        if away and away[0]:
            away[0] -= 1
            raise psycopg2.OperationalError("connection to server failed: Connection refused")
        return real_connect(*arguments, **parameters)

    def commit_and_lose_the_answer(connection):
        monkeypatch.setattr(engine.dialect, "do_commit", real_commit)
        real_commit(connection)
        connection.close()
        monkeypatch.setattr(engine.dialect, "connect", connect)
        raise psycopg2.OperationalError("server closed the connection unexpectedly")

    base, after = begin(engine, shop.settings)
    engine.dispose()
    monkeypatch.setattr(engine.dialect, "do_commit", commit_and_lose_the_answer)
    publish(engine, shop.settings.lake, base, after, lambda _: None, retries)
    assert [told.split(":")[0] for told in retries.told] == [
        "what became of the commit, attempt 2",
        "what became of the commit, attempt 3",
    ]
    assert shop.database("select release_id, run_id from lakehouse.releases where release_id > 1") == [(2, "a-run")]


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("select 1 / 0", sa.exc.DataError),
        ("insert into lakehouse.lake select * from lakehouse.lake", sa.exc.IntegrityError),
        ("select * from nowhere", sa.exc.ProgrammingError),
        ("set local statement_timeout = '20ms'; select pg_sleep(1)", DatabaseUnavailable),
    ],
)
def test_what_would_fail_again_is_not_tried_again(shop, engine, retries, statement, error):
    base, after = begin(engine, shop.settings)
    with pytest.raises(error):
        publish(
            engine, shop.settings.lake, base, after, lambda connection: connection.execute(sa.text(statement)), retries
        )
    assert retries.told == []


def test_a_conflict_and_a_wrong_password_are_not_tried_again(shop, engine, retries):
    _, after = begin(engine, shop.settings)
    with pytest.raises(ReleaseConflict):
        publish(engine, shop.settings.lake, None, after, lambda _: None, retries)
    wrong = sa.create_engine("postgresql+psycopg2://", creator=lambda: psycopg2.connect(shop.url, password="no"))
    with pytest.raises(DatabaseUnavailable, match="password authentication failed"):
        Records(wrong, shop.settings, retries).rejected_hashes()
    assert retries.told == []


@pytest.mark.parametrize(
    ("said", "attempts"),
    [
        ('connection to server on socket "/run/.s.PGSQL.5432" failed: No such file or directory\n\tIs it running?', 2),
        ('connection to server at "db", port 5432 failed: could not open certificate file "a": '
         "No such file or directory", 1),
    ],
)  # fmt: skip
def test_a_socket_may_appear_and_a_certificate_may_not(retries, said, attempts):
    tries = []

    def connect():
        tries.append(1)
        if len(tries) == 1:
            raise psycopg2.OperationalError(said)

    with contextlib.suppress(psycopg2.OperationalError):
        retries.call("the connection", connect)
    assert len(tries) == attempts


@pytest.mark.parametrize(
    "lost",
    [
        ConnectionLost("invalid socket"),
        sa.exc.OperationalError("select 1", {}, psycopg2.OperationalError("EOF detected"), connection_invalidated=True),
    ],
)
def test_a_lost_connection_is_tried_again_whatever_the_driver_says_of_it(retries, lost):
    tries = []

    def work():
        tries.append(1)
        with postgres.translate_errors():
            if len(tries) == 1:
                raise lost

    retries.call("the work", work)
    assert len(tries) == 2


def test_a_retry_shows_in_the_run_log_and_in_the_record_of_the_run(shop):
    # The first publication of the day loses its connection in the middle.
    shop.database(
        "create sequence lost;"
        "create function lose() returns trigger language plpgsql as $$ begin"
        " if nextval('lost') = 1 then perform pg_terminate_backend(pg_backend_pid()); end if; return null; end $$;"
        "create trigger lose after insert on serving_v1.fct_orders for each statement execute function lose()"
    )
    shop.land("2024-01-03", orders=[{"order_id": "O2"}], order_items=[{"order_id": "O2"}])
    ran = shop.succeed("pipeline", "2024-01-03")
    assert "trying again: publish, attempt 2: " in ran.err
    assert "retried publish, attempt 2: " in ran.err
    [(status, message)] = shop.database("select status, message from lakehouse.runs where release_id = 2")
    assert status == "released"
    assert message.startswith("publish, attempt 2: ")
    assert shop.database("select order_id from serving.fct_orders order by 1") == [("O1",), ("O2",)]
