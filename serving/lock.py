"""One writer at a time: Postgres advisory locks, gone with the connection of a process that dies."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa

from contracts.errors import RunInProgress
from serving.postgres import translate_errors
from serving.retry import Retries

# Any numbers will do, as long as every tillhouse takes the same.
WRITER = 7_411_001
SETUP = 7_411_002
KEEPER = 7_411_003
_POLL_S = 0.2


@contextmanager
def writing(engine: sa.Engine, retries: Retries, *, wait: bool, who_runs: Callable[[], str]) -> Iterator[None]:
    """Hold the one writer's lock. Raises RunInProgress, saying who runs, where `wait` is false."""
    connection = retries.call("the lock of runs", lambda: _acquire(engine, wait, who_runs))
    try:
        yield
    finally:
        _release(connection)


def _acquire(engine: sa.Engine, wait: bool, who_runs: Callable[[], str]) -> sa.Connection:
    with translate_errors():
        connection = engine.connect()
        try:
            # Asked for again and again: a query that waits in the server would not hear Ctrl-C.
            while not connection.scalar(sa.text("select pg_try_advisory_lock(:lock)"), {"lock": WRITER}):
                if not wait:
                    raise RunInProgress(f"{who_runs()} Wait for it, or run again with --wait.")
                connection.commit()
                time.sleep(_POLL_S)
            connection.commit()
        except BaseException:
            connection.close()
            raise
    return connection


def _release(connection: sa.Connection) -> None:
    """Give the lock back; where the connection broke, the lock went with it."""
    with connection, suppress(sa.exc.DBAPIError):
        connection.execute(sa.text("select pg_advisory_unlock(:lock)"), {"lock": WRITER})
        connection.commit()


@contextmanager
def keeping(engine: sa.Engine) -> Iterator[None]:
    """Hold what is kept as it is: a backup reads files that maintenance would remove, so each waits for the other."""
    with translate_errors(), engine.connect() as connection:
        while not connection.scalar(sa.text("select pg_try_advisory_lock(:lock)"), {"lock": KEEPER}):
            connection.commit()
            time.sleep(_POLL_S)
        connection.commit()
        try:
            yield
        finally:
            connection.execute(sa.text("select pg_advisory_unlock(:lock)"), {"lock": KEEPER})
            connection.commit()


def set_up(connection: sa.Connection) -> None:
    """Let one transaction at a time create what is missing; two `create if not exists` at once can fail."""
    connection.execute(sa.text("select pg_advisory_xact_lock(:lock)"), {"lock": SETUP})
