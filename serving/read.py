"""Reads what is published, as a role that only reads: one short transaction a request, all of one release."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import asyncpg

from contracts.errors import DatabaseUnavailable, NotFound, NothingPublished, PastRetention
from contracts.settings import Settings
from serving import connect
from serving.connect import STATEMENT_SECONDS, is_passing, translated
from serving.statements import By, Text, statement

T = TypeVar("T")
Row = dict[str, Any]

POOL_SIZE = 10
POOL_WAIT_SECONDS = 1.0
FRESH_SECONDS = 0.5  # for so long the release in force is believed to be the one seen last
DOWN_SECONDS = 0.5  # for so long a database that did not answer is not asked again
_BEGIN = (
    "begin isolation level repeatable read read only; "
    # Before the snapshot is taken: where a changed contract is just being published, both are of after it.
    "lock table serving.publication in access share mode"
)


@dataclass(frozen=True)
class Publication:
    """A release as readers see it."""

    release_id: int
    run_id: str
    as_of: date
    published_at: datetime
    timezone: str  # IANA name: the business time zone of its timestamps


@dataclass(frozen=True)
class Snapshot:
    """One release, as one transaction sees it."""

    publication: Publication  # whose rows are given
    in_force: Publication
    connection: asyncpg.Connection
    retention_days: int = 90

    async def rows(
        self,
        query: str | Text,
        *,
        order: tuple[By, ...] = (),
        after: Sequence[object] | None = None,
        chosen: tuple[str, ...] = (),
        **values: object,
    ) -> list[Row]:
        """The rows of `queries/<query>.sql` with its named parameters, as column name to value.

        `order` needs a value for `limit`; `after` are the values of the row to go on after. Money comes as
        Decimal with 4 places, business timestamps without an offset. Raises UsageError where Postgres
        cannot take a value.
        """
        begun = tuple(value is not None for value in after) if after else ()
        old = self.publication.release_id != self.in_force.release_id
        made = statement(query, order, begun, chosen, old)
        given = {**values, "of_release": self.publication.release_id}
        given |= {f"after_{by.column}": value for by, value in zip(order, after or (), strict=False)}
        found = await self.connection.fetch(made.sql, *(given[name] for name in made.parameters))
        return [dict(row) for row in found]

    async def as_of(self, day: date) -> "Snapshot":
        """The newest release up to the day, as it was published.

        Raises NotFound where nothing was published up to then, PastRetention where it is no longer kept.
        """
        if day >= self.in_force.as_of:
            return self
        found = await self._release(as_of=day)
        if found is not None:
            return found
        first = await self.connection.fetchval("select min(release_id) from lakehouse.releases")
        if first is not None and first > 1:
            raise PastRetention(f"The releases as of {day} are past retention and no longer served.")
        raise NotFound(f"Nothing was published as of {day}. See /v1/releases for what was.")

    async def of_release(self, release_id: int) -> "Snapshot":
        """A release as it was published. Raises PastRetention where it is not kept, or never was."""
        if release_id == self.in_force.release_id:
            return self
        found = await self._release(release_id=release_id)
        if found is None:
            raise PastRetention(f"Release {release_id} is not kept. Start again without a cursor.")
        return found

    async def _release(self, as_of: date | None = None, release_id: int | None = None) -> "Snapshot | None":
        since = datetime.now(UTC) - timedelta(days=self.retention_days)
        made = statement("release")
        given = {"as_of": as_of, "release_id": release_id, "since": since}
        row = await self.connection.fetchrow(made.sql, *(given[name] for name in made.parameters))
        if row is None:
            return None
        values = dict(row)
        if not values.pop("is_kept"):
            raise PastRetention(
                f"Release {values['release_id']}, as of {values['as_of']}, is past retention and no longer served."
            )
        return replace(self, publication=Publication(**values))


class Reader:
    """Reads of the published releases over a small pool; needs no database to be made, but a running loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connector = connect.Connector(settings)
        self.pool: asyncpg.Pool = asyncpg.create_pool(
            min_size=0, max_size=POOL_SIZE, connect=self._connector.connect, reset=_as_it_was
        )
        self.seen: Publication | None = None  # the release in force, as last seen
        self._seen_at = float("-inf")
        self._down: tuple[float, str] = (float("-inf"), "")
        self._taken = 0  # connections, and those who wait for one
        self._looking: asyncio.Task[Publication] | None = None

    async def read(self, work: Callable[[Snapshot], Awaitable[T]]) -> T:
        """What `work` makes of the release in force; all its queries see that release and no other.

        Raises DatabaseUnavailable where no database answers in time, NothingPublished where
        nothing is published.
        """
        with translated():
            try:
                return await self._attempt(work)
            except (*connect.ERRORS, OSError) as error:
                if not is_passing(error):
                    raise
            return await self._attempt(work)

    async def in_force(self) -> Publication:
        """The release in force, as seen at most FRESH_SECONDS ago; raises as `read` does."""
        if self.seen is not None and time.monotonic() - self._seen_at < FRESH_SECONDS:
            return self.seen
        if self._looking is None or self._looking.done():  # one looks for all who ask meanwhile
            self._looking = asyncio.ensure_future(self.read(_publication))
            self._looking.add_done_callback(_heard)
        return await asyncio.shield(self._looking)

    async def close(self) -> None:
        """Closes the pool; what still runs is given up."""
        await self.pool
        self.pool.terminate()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Snapshot]:
        """A transaction for as long as the caller holds it; raises as `read` does, but tries nothing again."""
        with translated():
            async with self._transaction() as snapshot:
                yield snapshot

    async def _attempt(self, work: Callable[[Snapshot], Awaitable[T]]) -> T:
        async with self._transaction() as snapshot:
            return await work(snapshot)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Snapshot]:
        connection = await self._acquire()
        try:
            await connection.execute(_BEGIN)
            row = await connection.fetchrow(statement("publication").sql)
            if row is None:
                raise NothingPublished(connect.NOTHING_PUBLISHED)
            found = Publication(**row)
            self.seen, self._seen_at = found, time.monotonic()
            yield Snapshot(found, found, connection, self._settings.retention_days)
        finally:
            await self._give_back(connection)

    async def _give_back(self, connection: Any) -> None:
        """Without its transaction, and with all it has prepared."""
        try:
            if connection.is_in_transaction():
                await connection.execute("rollback", timeout=STATEMENT_SECONDS)
        except (*connect.ERRORS, OSError):
            connection.terminate()
        finally:
            self._taken -= 1
            await self.pool.release(connection, timeout=STATEMENT_SECONDS)

    async def _acquire(self) -> Any:
        since, said = self._down
        if time.monotonic() - since < DOWN_SECONDS:
            raise DatabaseUnavailable(said)
        await self.pool  # which opens it, once
        busy = self._taken >= POOL_SIZE
        self._taken += 1
        try:
            return await self.pool.acquire(timeout=POOL_WAIT_SECONDS if busy else connect.CONNECT_SECONDS + 1)
        except BaseException as error:
            self._taken -= 1
            if isinstance(error, TimeoutError):
                raise DatabaseUnavailable("The database is busy. Try again in a moment.") from error
            if isinstance(error, DatabaseUnavailable):
                self._down = (time.monotonic(), str(error))
            raise


def _heard(looked: "asyncio.Task[Publication]") -> None:
    """Its error is for those who ask; there may be none by now."""
    if not looked.cancelled():
        looked.exception()


async def _publication(snapshot: Snapshot) -> Publication:
    return snapshot.publication


async def _as_it_was(_: Any) -> None:
    """Nothing of a connection's session is ever changed."""
