"""Reads what is published, as a role that only reads: one short transaction a request, all of one release."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

import asyncpg
import structlog
from sqlalchemy import TextClause, text
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from contracts.errors import DatabaseUnavailable, NothingPublished, UsageError
from contracts.settings import Settings
from serving import roles

T = TypeVar("T")
Row = dict[str, Any]

STATEMENT_SECONDS = roles.API_STATEMENT_SECONDS
CONNECT_SECONDS = 5
POOL_SIZE = 10
POOL_WAIT_SECONDS = 5

NOT_THERE = {"42P01", "3F000", "42703"}  # no such table, schema or column: an older release, or none
ASYNCPG_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError)
NO_ANSWER = ("08", "53", "57", "58", "28", "3D")  # lost, out of resources, stopped or timed out, refused


log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Publication:
    """The release in force."""

    release_id: int
    run_id: str
    as_of: date
    published_at: datetime
    timezone: str  # IANA name: the business time zone of its timestamps


@dataclass(frozen=True)
class Snapshot:
    """One release, as one transaction sees it."""

    publication: Publication
    _connection: AsyncConnection

    async def rows(self, query: str, **values: object) -> list[Row]:
        """The rows of `queries/<query>.sql` with its named parameters, as column name to value.

        Money comes as Decimal with 4 places, business timestamps without an offset.
        Raises UsageError where Postgres cannot take a value.
        """
        return await _fetch(self._connection, query, values)


class Reader:
    """Reads of the published release over a small pool; needs no database to be made."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._told = False  # that there is no role for us
        self._engine: AsyncEngine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self._connect,
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS,
            execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
        )

    async def read(self, work: Callable[[Snapshot], Awaitable[T]]) -> T:
        """What `work` makes of the release in force; all its queries see that release and no other.

        Raises DatabaseUnavailable where no database answers in time, NothingPublished where
        nothing is published.
        """
        try:
            try:
                return await self._attempt(work)
            except DBAPIError as error:
                if not (error.connection_invalidated or _is_stale(error)):
                    raise
                return await self._attempt(work)
        except DBAPIError as error:
            raise _as_ours(error) from error
        except PoolExhausted as error:
            raise DatabaseUnavailable("The database is busy. Try again in a moment.") from error
        except (OSError, TimeoutError) as error:
            raise DatabaseUnavailable("The database does not answer. Try again in a moment.") from error

    async def close(self) -> None:
        """Closes the pool."""
        await self._engine.dispose()

    async def _attempt(self, work: Callable[[Snapshot], Awaitable[T]]) -> T:
        async with self._engine.connect() as connection:
            # Before the snapshot is taken: where a changed contract is just being published, both are of after it.
            await connection.execute(text("lock table serving.publication in access share mode"))
            rows = await _fetch(connection, "publication", {})
            if not rows:
                raise _nothing_published()
            return await work(Snapshot(Publication(**rows[0]), connection))

    async def _connect(self, **_: object) -> Any:
        """A new connection to wherever the database is now: the embedded server moves when it restarts."""
        try:
            return await self._as_reader()
        except (OSError, TimeoutError, ValueError, ArgumentError, *ASYNCPG_ERRORS) as error:
            raise DatabaseUnavailable(
                "No database answers. Start it with `tillhouse db start`, or check TILLHOUSE_DATABASE_URL."
            ) from error

    async def _as_reader(self) -> Any:
        """By the login of the API's role, or as the owner who takes that role."""
        settings = self._settings
        if settings.api_database_url is not None:
            return await _open(settings.api_database_url)
        if settings.database_url is None:
            return await _open(roles.embedded_url(settings, roles.API))
        try:
            return await _open(settings.database_url, role=roles.API)
        except (asyncpg.InvalidParameterValueError, asyncpg.InsufficientPrivilegeError):
            if not self._told:
                self._told = True
                log.warning("the database has no role for the API; it reads as the owner", role=roles.API)
            return await _open(settings.database_url)


async def _open(url: str, **server_settings: str) -> Any:
    return await asyncpg.connect(
        re.sub(r"^postgres(ql)?\+\w+://", "postgresql://", url),
        timeout=CONNECT_SECONDS,
        command_timeout=STATEMENT_SECONDS + 1,
        server_settings={
            "application_name": "tillhouse api",
            "statement_timeout": f"{STATEMENT_SECONDS}s",
            "default_transaction_read_only": "on",
            **server_settings,
        },
    )


@cache
def _statement(query: str) -> TextClause:
    return text((roles.QUERIES / f"{query}.sql").read_text(encoding="utf-8"))


async def _fetch(connection: AsyncConnection, query: str, values: Mapping[str, object]) -> list[Row]:
    result = await connection.execute(_statement(query), values)
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result.all()]


def _is_stale(error: DBAPIError) -> bool:
    """Did a publish change a table under a prepared statement?"""
    return isinstance(getattr(error.orig, "__cause__", None), asyncpg.InvalidCachedStatementError)


def _nothing_published() -> NothingPublished:
    return NothingPublished("Nothing is published yet. Run `tillhouse pipeline` or `tillhouse demo` first.")


def _as_ours(error: DBAPIError) -> Exception:
    """The error as one of ours where it has a counterpart, else itself."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state in NOT_THERE:
        return _nothing_published()
    if state == "42501":
        return DatabaseUnavailable(
            f"The role {roles.API} may not read what is asked for. `tillhouse status` lets it; a login of your own in "
            "TILLHOUSE_API_DATABASE_URL must be a member of that role."
        )
    if state == "57014":
        return DatabaseUnavailable(f"The question took longer than {STATEMENT_SECONDS} s. Ask for less at once.")
    if state.startswith("22") or isinstance(getattr(error.orig, "__cause__", None), asyncpg.DataError):
        return UsageError("A parameter holds a value that the database cannot take.")
    if (
        error.connection_invalidated
        or state.startswith(NO_ANSWER)
        or isinstance(error, OperationalError | InterfaceError)
    ):
        return DatabaseUnavailable("The database does not answer. Try again in a moment.")
    return error
