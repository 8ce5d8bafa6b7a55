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
_KEEPING = "A backup of this home, or `tillhouse maintain`, is under way."


@contextmanager
def writing(engine: sa.Engine, retries: Retries, *, wait: bool, who_runs: Callable[[], str]) -> Iterator[None]:
    """Hold the one writer's lock. Raises RunInProgress, saying who runs, where `wait` is false."""
    connection = retries.call("the lock of runs", lambda: _acquire(engine, wait, who_runs))
    try:
        yield
    finally:
        _release(connection, WRITER)


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


def _release(connection: sa.Connection, lock: int) -> None:
    """Give the lock back; where the connection broke, the lock went with it."""
    with connection, suppress(sa.exc.DBAPIError):
        connection.execute(sa.text("select pg_advisory_unlock(:lock)"), {"lock": lock})
        connection.commit()


@contextmanager
def keeping(engine: sa.Engine, *, wait: bool, says: Callable[[str], None]) -> Iterator[None]:
    """Hold what is kept as it is: a backup reads files that maintenance would remove, so each waits for the other.

    Who needs the writer's lock too takes this one first. Says when it has to wait; raises RunInProgress where `wait`
    is false.
    """
    with translate_errors():
        connection = engine.connect()
        try:
            _acquire_keeper(connection, wait, says)
        except BaseException:
            connection.close()
            raise
    try:
        yield
    finally:
        _release(connection, KEEPER)


def _acquire_keeper(connection: sa.Connection, wait: bool, says: Callable[[str], None]) -> None:
    told = False
    while not connection.scalar(sa.text("select pg_try_advisory_lock(:lock)"), {"lock": KEEPER}):
        if not wait:
            raise RunInProgress(f"{_KEEPING} Wait for it, or run again with --wait.")
        if not told:
            says(f"{_KEEPING} Waiting for it; runs go on meanwhile.")
            told = True
        connection.commit()
        time.sleep(_POLL_S)
    connection.commit()


def set_up(connection: sa.Connection) -> None:
    """Let one transaction at a time create what is missing; two `create if not exists` at once can fail."""
    connection.execute(sa.text("select pg_advisory_xact_lock(:lock)"), {"lock": SETUP})
