"""A customer's row is in no word of a failure, whatever ends the COPY or statement it was in."""

import threading
import traceback

import polars as pl
import pytest
import sqlalchemy as sa

from contracts.errors import DatabaseUnavailable
from serving import postgres, retry
from serving.copy import copy
from serving.failures import ConnectionLost
from serving.retry import Retries

ROWS = 200_000
EMAIL = "jane.doe@example.org"


@pytest.fixture
def engine(shop):
    shop.database("create table people (number bigint, email text unique)")
    made = postgres.engine(shop.settings)
    yield made
    made.dispose()


def people(first=0, rows=ROWS):
    """Rows numbered from `first`."""
    numbers = pl.Series("number", range(first, first + rows), dtype=pl.Int64)
    return pl.DataFrame({"number": numbers}).with_columns(email=pl.format("jane.doe{}@example.org", "number"))


def send(engine, frames, before="select 1"):
    with postgres.translate_errors(), engine.begin() as connection:
        connection.execute(sa.text(before))
        return copy(connection, "people", ["number", "email"], frames)


def execute(engine, statement, **parameters):
    with postgres.translate_errors(), engine.begin() as connection:
        connection.execute(sa.text(statement), parameters)


def shown(error):
    """All that a traceback would show of the error and what is behind it."""
    return "".join(traceback.format_exception(error))


def stops_on(shop, raised):
    shop.database(
        f"create function stop() returns trigger language plpgsql as $$ begin {raised}; return new; end $$;"
        "create trigger stop before insert on people for each row execute function stop()"
    )


def test_a_copy_that_runs_out_of_time_names_no_row(engine):
    slow = "set local statement_timeout = '100ms'"
    with pytest.raises(DatabaseUnavailable, match="canceling statement due to statement timeout") as failed:
        send(engine, (people(number * ROWS) for number in range(100)), slow)
    assert "jane" not in shown(failed.value)
    assert "CONTEXT" not in shown(failed.value)


def test_a_copy_onto_a_full_disk_names_no_row_and_says_what_to_do(shop, engine):
    stops_on(shop, "raise exception 'could not extend file' using errcode = '53100', hint = 'Check free disk space.'")
    with pytest.raises(DatabaseUnavailable, match="could not extend file Check free disk space") as failed:
        send(engine, [people(rows=10)])
    assert "jane" not in shown(failed.value)


def test_a_key_that_is_there_twice_is_not_named(engine):
    with pytest.raises(sa.exc.IntegrityError) as refused:
        execute(engine, "insert into people values (1, :email), (2, :email)", email=EMAIL)
    assert 'duplicate key value violates unique constraint "people_email_key"' in str(refused.value)
    assert EMAIL not in shown(refused.value)


def test_a_value_that_does_not_fit_is_not_quoted(engine):
    with pytest.raises(sa.exc.DataError) as refused:
        execute(engine, "insert into people (number) values (cast(cast(:email as text) as int))", email=EMAIL)
    assert "invalid input syntax for type integer: a value" in str(refused.value)
    assert EMAIL not in shown(refused.value)


def test_a_server_that_ends_a_copy_in_the_middle_prints_no_row_and_is_tried_again(shop, engine, monkeypatch, capfd):
    monkeypatch.setattr(retry, "JITTER_S", 0.05)
    ended = threading.Event()

    def frames():
        yield people()
        if not ended.is_set():
            ended.set()
            shop.database(
                "select pg_terminate_backend(pid, 10000) from pg_stat_activity"
                " where datname = current_database() and query like 'copy people%'"
            )
        for number in range(1, 4):
            yield people(number * ROWS)

    causes = []

    def work():
        try:
            return send(engine, frames())
        except DatabaseUnavailable as error:
            causes.append(type(error.__cause__))
            raise

    retries = Retries()
    assert retries.call("the copy", work) == 4 * ROWS
    assert causes == [ConnectionLost]
    assert retries.told == ["the copy, attempt 2: terminating connection due to administrator command"]
    assert capfd.readouterr().err == ""


def test_the_record_of_a_run_that_failed_in_the_database_holds_no_row(shop):
    shop.database(
        "create function stop() returns trigger language plpgsql as $$ begin"
        " raise exception 'could not extend file' using errcode = '53100', detail = new.email; end $$;"
        "create trigger stop before insert on serving_v1.dim_customer for each row execute function stop()"
    )
    shop.land("2024-01-03", customers=[{"customer_id": "C2", "email": EMAIL}])
    ran = shop.run("pipeline", "2024-01-03")
    assert ran.exit_code == 3
    assert "could not extend file" in ran.err
    assert "jane" not in ran.err
    [(message,)] = shop.database("select message from lakehouse.runs where status = 'failed'")
    assert "could not extend file" in message
    assert "jane" not in message
    assert all("jane" not in str(run) for run in shop.ask("/v1/runs")["data"])
