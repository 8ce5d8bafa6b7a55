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
    connection = retries.call("the lock of runs", lambda: _acquire(engine, WRITER, wait, who_runs))
    with _held(connection, WRITER):
        yield


@contextmanager
def keeping(engine: sa.Engine, *, wait: bool, says: Callable[[str], None]) -> Iterator[None]:
    """Hold what is kept as it is: a backup reads files that maintenance would remove, so each waits for the other.

    Who needs the writer's lock too takes this one first. Says when it has to wait; raises RunInProgress where `wait`
    is false.
    """
    waits = f"{_KEEPING} Waiting for it; runs go on meanwhile."
    with _held(_acquire(engine, KEEPER, wait, lambda: _KEEPING, lambda: says(waits)), KEEPER):
        yield


def _acquire(
    engine: sa.Engine, lock: int, wait: bool, who_holds: Callable[[], str], waits: Callable[[], object] = lambda: None
) -> sa.Connection:
    """A connection that holds the lock; `waits` is called once, where it is another's."""
    told = False
    with translate_errors():
        connection = engine.connect()
        try:
            # Asked for again and again: a query that waits in the server would not hear Ctrl-C.
            while not connection.scalar(sa.text("select pg_try_advisory_lock(:lock)"), {"lock": lock}):
                if not wait:
                    raise RunInProgress(f"{who_holds()} Wait for it, or run again with --wait.")
                if not told:
                    waits()
                    told = True
                connection.commit()
                time.sleep(_POLL_S)
            connection.commit()
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def _held(connection: sa.Connection, lock: int) -> Iterator[None]:
    """Give the lock back in the end; where the connection broke, the lock went with it."""
    try:
        yield
    finally:
        with connection, suppress(sa.exc.DBAPIError):
            connection.execute(sa.text("select pg_advisory_unlock(:lock)"), {"lock": lock})
            connection.commit()


def set_up(connection: sa.Connection) -> None:
    """Let one transaction at a time create what is missing; two `create if not exists` at once can fail."""
    connection.execute(sa.text("select pg_advisory_xact_lock(:lock)"), {"lock": SETUP})
