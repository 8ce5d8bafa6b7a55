"""The one way to the database: its URL, engines on it, and its failures in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import sqlalchemy
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from contracts.database import beside, libpq_url
from contracts.errors import DatabaseUnavailable
from contracts.settings import Settings
from serving import embedded
from serving.failures import take_rows_out, words

APPLICATION_NAME = "tillhouse"
OLDEST_VERSION = 14
CONNECT_TIMEOUT_S = 10
_SECRETS = {"password", "sslpassword"}
_UNANSWERED = (OperationalError, InterfaceError, psycopg2.OperationalError, psycopg2.InterfaceError)


def database_url(settings: Settings) -> str:
    """The URL of the database in psycopg2's form, password included: the configured one, or the embedded server's.

    Starts the embedded server where none is configured. Raises SettingsError for a URL that is none
    of Postgres's, DatabaseUnavailable where the embedded server does not start.
    """
    configured = settings.database_url
    url = make_url(libpq_url(embedded.start(settings) if configured is None else configured))
    return url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)


@contextmanager
def opened(settings: Settings) -> Iterator[sqlalchemy.Engine]:
    """An engine whose connections are closed in the end, for what a process does many times."""
    made = engine(settings)
    try:
        yield made
    finally:
        made.dispose()


def engine(settings: Settings) -> sqlalchemy.Engine:
    """An engine on the database with a small pool; connecting raises DatabaseUnavailable before Postgres 14.

    Wrap its use in `translate_errors()`. Statement parameters are kept out of error texts: they may
    hold personal data.
    """
    url = database_url(settings)
    made = sqlalchemy.create_engine(
        url,
        pool_pre_ping=True,
        pool_size=2,
        max_overflow=8,
        hide_parameters=True,
        connect_args=beside(url, application_name=APPLICATION_NAME, connect_timeout=CONNECT_TIMEOUT_S),
    )

    @event.listens_for(made, "connect")
    def _check(connection: Any, _record: Any) -> None:
        check_version(connection.server_version)

    if settings.database_url is None:

        @event.listens_for(made, "do_connect")
        def _start_again(dialect: Any, _record: Any, arguments: Any, parameters: Any) -> Any:
            try:
                return dialect.connect(*arguments, **parameters)
            except psycopg2.OperationalError:
                embedded.start(settings)  # it was killed, or stopped, since
                return None  # which lets SQLAlchemy connect

    return made


@contextmanager
def snapshot(engine: sqlalchemy.Engine, *, read_only: bool = True) -> Iterator[sqlalchemy.Connection]:
    """A connection that sees one moment, whatever is published meanwhile."""
    moment = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=read_only)
    with moment.connect() as connection:
        yield connection


def check_version(server_version: int) -> None:
    """Raises DatabaseUnavailable where the server's version number (such as 180006) is before Postgres 14."""
    major = server_version // 10000
    if major < OLDEST_VERSION:
        raise DatabaseUnavailable(
            f"The database that TILLHOUSE_DATABASE_URL names runs Postgres {major}; tillhouse needs {OLDEST_VERSION} "
            f"or newer. Upgrade that server, or unset TILLHOUSE_DATABASE_URL to use the embedded one."
        )


def redacted(url: str) -> str:
    """The URL without its password, to be shown, as libpq reads it."""
    parsed = make_url(libpq_url(url))
    query = {name: value for name, value in parsed.query.items() if name not in _SECRETS}
    shown = URL.create(
        parsed.drivername, parsed.username, None, parsed.host, parsed.port, parsed.database, query
    )  # `set` cannot take a password away
    return libpq_url(shown.render_as_string(hide_password=False))


@contextmanager
def translate_errors(tried: str | None = None) -> Iterator[None]:
    """Turns what SQLAlchemy and psycopg2 raise when the database does not answer into DatabaseUnavailable.

    Its words name `tried`, a URL without its password, where it is given. Of other errors no text is left that
    holds a customer's row.
    """
    try:
        yield
    except (DBAPIError, psycopg2.Error) as error:
        take_rows_out(error)
        if not (isinstance(error, _UNANSWERED) or getattr(error, "connection_invalidated", False)):
            raise
        raise DatabaseUnavailable(_paragraph(words(error), tried)) from error
    except PoolTimeout as error:
        raise DatabaseUnavailable(_paragraph("all connections of this process are in use", tried)) from error


def _paragraph(said: str, tried: str | None) -> str:
    return (
        f"The database does not answer as it should: {said.rstrip('.?')}. Check that it runs and that "
        "TILLHOUSE_DATABASE_URL, where set, is right; "
        + (f"{tried} was tried." if tried else "`tillhouse db status` shows what is tried.")
    )
