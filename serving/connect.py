"""How the read side reaches Postgres: by which login, and its failures in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import structlog
from sqlalchemy.exc import ArgumentError

from contracts.database import libpq_url
from contracts.errors import DatabaseUnavailable, NothingPublished, SettingsError, UsageError
from contracts.settings import Settings
from serving import roles

STATEMENT_SECONDS = roles.API_STATEMENT_SECONDS
CONNECT_SECONDS = 3
NOTHING_PUBLISHED = "Nothing is published yet. Run `tillhouse pipeline` or `tillhouse demo` first."

# The last one is asyncpg's word for a connection that is lost while an answer is read.
ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_NOT_THERE = {"42P01", "3F000", "42703"}  # no such table, schema or column: published by an older version, or nothing
_NO_ANSWER = ("08", "53", "57", "58", "28", "3D")  # lost, out of resources, stopped or timed out, refused
_STALE = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)

log = structlog.get_logger(__name__)


class Connector:
    """Connects to wherever the database is now: the embedded server moves when it restarts."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._told = False  # that there is no role for us

    async def connect(self, _: object = None, **pool: Any) -> Any:
        """A new connection, read-only; what asyncpg's pool hands through is given on. Raises DatabaseUnavailable."""
        try:
            return await self._as_reader(pool)
        except (OSError, TimeoutError, ValueError, ArgumentError, SettingsError, *ERRORS) as error:
            raise DatabaseUnavailable(
                "No database answers. Start it with `tillhouse db start`, or check TILLHOUSE_DATABASE_URL."
            ) from error

    async def _as_reader(self, pool: dict[str, Any]) -> Any:
        """By the login of the API's role, or as the owner who takes that role."""
        settings = self._settings
        if settings.api_database_url is not None:
            return await _open(settings.api_database_url, pool)
        if settings.database_url is None:
            return await _open(roles.embedded_url(settings, roles.API), pool)
        try:
            return await _open(settings.database_url, pool, role=roles.API)
        except (asyncpg.InvalidParameterValueError, asyncpg.InsufficientPrivilegeError):
            if not self._told:
                self._told = True
                log.warning("the database has no role for the API; it reads as the owner", role=roles.API)
            return await _open(settings.database_url, pool)


async def _open(url: str, pool: dict[str, Any], **server_settings: str) -> Any:
    return await asyncpg.connect(
        libpq_url(url),
        timeout=CONNECT_SECONDS,
        command_timeout=STATEMENT_SECONDS + 1,
        statement_cache_size=500,
        max_cached_statement_lifetime=0,
        server_settings={
            "application_name": "tillhouse api",
            "statement_timeout": f"{STATEMENT_SECONDS}s",
            "default_transaction_read_only": "on",
            "jit": "off",  # compiling takes longer than what the API asks
            # Planned once for all values, a filter that is not given is never left out: after five questions the sales
            # of a month took 10 s instead of 1.
            "plan_cache_mode": "force_custom_plan",
            **server_settings,
        },
        **pool,
    )


def is_passing(error: BaseException) -> bool:
    """Would a second try help: the connection was lost, or a publish changed a table under a prepared statement?"""
    if isinstance(error, (*_STALE, OSError)):
        return not isinstance(error, TimeoutError)
    state = str(getattr(error, "sqlstate", None) or "")
    return (
        isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError)
        or state.startswith("08")
        or state in {"57P01", "57P02", "57P03"}
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turns what asyncpg raises into ours where it has a counterpart."""
    try:
        yield
    except ERRORS as error:
        raise _as_ours(error) from error
    except (OSError, TimeoutError) as error:
        raise DatabaseUnavailable("The database does not answer. Try again in a moment.") from error


def _as_ours(error: Exception) -> Exception:
    state = str(getattr(error, "sqlstate", None) or "")
    if state in _NOT_THERE:
        return NothingPublished(
            "What is asked for is not published: nothing is yet, or an older version of tillhouse did it. Run "
            "`tillhouse pipeline` or `tillhouse publish`."
            if "serving_at" in str(error) or "history_begins" in str(error)
            else NOTHING_PUBLISHED
        )
    if state == "42501":
        return DatabaseUnavailable(
            f"The role {roles.API} may not read what is asked for. `tillhouse status` lets it; a login of your own in "
            "TILLHOUSE_API_DATABASE_URL must be a member of that role."
        )
    if state == "57014":
        return DatabaseUnavailable(f"The question took longer than {STATEMENT_SECONDS} s. Ask for less at once.")
    if state.startswith("22"):
        return UsageError("A parameter holds a value that the database cannot take.")
    if state.startswith(_NO_ANSWER) or isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError):
        return DatabaseUnavailable("The database does not answer. Try again in a moment.")
    return error
