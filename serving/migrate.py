"""From one set of served tables to the next: a new `serving_v<N>` is filled beside the old one and shown at the end.

Readers go by the old tables until the publication commits. What they could wait for, changed views and histories,
comes last, when the report is written and nothing but the commit is left.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import AddConstraint, CreateIndex

from contracts.errors import BuiltOnServing
from serving import ddl, history, relations, roles, views, whole
from serving.ddl import HISTORY, VIEWS

# A reader who is long at it is waited for so long and this often; others wait for us meanwhile, but not in between.
SWAP_TIMEOUT = "1s"
SWAP_ATTEMPTS = 10
SWAP_PAUSE_S = 1.0
_BUSY = {"55P03", "40P01"}  # a lock not had in time, a deadlock
_BUILT_ON = {"2BP01", "0A000"}  # something stands on what is dropped, or on a column that gets another type

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Target:
    """The schema of the tables a publication writes to."""

    schema: str
    version: int
    is_new: bool  # tables without rows, keys and views, until `complete` and `finish`
    replaces: str | None = None  # the schema that a new one takes the place of


def prepare(connection: sa.Connection) -> Target:
    """The schema that holds the tables of the current contracts; a new one where they changed or something is gone.

    Inside the publishing transaction: readers see the old views until it commits. Raises BuiltOnServing where
    something of somebody else's stands on what has to go, ChangedType where a row does not fit a new type.
    """
    row = connection.execute(
        sa.text("select version, fingerprint from lakehouse.serving_version order by version desc limit 1")
    ).one_or_none()
    if row is not None and row.fingerprint == ddl.fingerprint():
        lacks = whole.lacks(connection, f"serving_v{row.version}")
        if not lacks:
            return Target(f"serving_v{row.version}", row.version, is_new=False)
        told = "; ".join(f"{lack.place} {lack.said}" for lack in lacks)
        log.warning("what is served is not whole; it is made anew from the lake", lacks=told)
    version = 1 + max([row.version if row else 0, *_numbers(connection)])  # a schema may be recorded nowhere
    target = Target(f"serving_v{version}", version, is_new=True, replaces=f"serving_v{row.version}" if row else None)
    _check_nothing_is_lost(connection, target)
    connection.execute(sa.text(f"create schema {target.schema}"))
    ddl.metadata(target.schema, keys=False).create_all(connection, checkfirst=False)
    history.make(connection)
    return target


def _numbers(connection: sa.Connection) -> list[int]:
    """N of every `serving_v<N>` there is."""
    names = connection.scalars(sa.text("select nspname from pg_namespace where nspname ~ '^serving_v[0-9]+$'"))
    return [int(name.removeprefix("serving_v")) for name in names]


def complete(connection: sa.Connection, target: Target, release_id: int) -> None:
    """Give new tables, which are filled, their keys and indexes, and put the rows of the old ones into the history."""
    tables = ddl.metadata(target.schema).sorted_tables
    for table in tables:
        connection.execute(AddConstraint(table.primary_key))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            connection.execute(CreateIndex(index))
    for table in tables:
        for reference in table.foreign_key_constraints:
            connection.execute(AddConstraint(reference))
    if target.replaces is not None:
        history.keep(connection, target.replaces, release_id)


@contextmanager
def shown_within(connection: sa.Connection, target: Target) -> Iterator[None]:
    """Within it this transaction, and no other, finds the new tables behind `serving`."""
    if not target.is_new:
        yield
        return
    views.set_aside(connection, target.schema)
    yield
    views.put_back(connection)  # not after an error, which ends the transaction


def finish(connection: sa.Connection, target: Target) -> None:
    """Show new tables through the views, as the last thing before the commit.

    Raises BuiltOnServing where somebody has built on what goes since `prepare`.
    """
    if not target.is_new:
        return
    for left in reversed(range(SWAP_ATTEMPTS)):
        try:
            with connection.begin_nested():
                connection.execute(sa.text(f"set local lock_timeout = '{SWAP_TIMEOUT}'"))
                _swap(connection, target)
            break
        except DBAPIError as error:
            if not left or getattr(error.orig, "pgcode", None) not in _BUSY:
                raise
        time.sleep(SWAP_PAUSE_S)
    roles.grant(connection)
    connection.execute(
        sa.text("insert into lakehouse.serving_version values (:version, :fingerprint)"),
        {"version": target.version, "fingerprint": ddl.fingerprint()},
    )


def _swap(connection: sa.Connection, target: Target) -> None:
    try:
        # Readers begin by locking it: whoever comes now waits here, before holding anything that we wait for.
        views.put(connection, [views.publication(VIEWS)])
        views.drop(connection, list(views.outdated(connection, target.schema, target.replaces)))
        history.fit(connection)
        views.put(connection, views.wanted(target.schema))
    except DBAPIError as error:
        if getattr(error.orig, "pgcode", None) in _BUILT_ON:
            raise _built_on(str(error.orig).strip()) from error
        raise


def _check_nothing_is_lost(connection: sa.Connection, target: Target) -> None:
    """Raises BuiltOnServing where somebody's view stands on one that has to go, or their table in its place."""
    goes = {name: view.oid for name, view in views.outdated(connection, target.schema, target.replaces).items()}
    goes |= history.retyped(connection, target.replaces)
    standing = connection.scalars(
        sa.text(
            "select distinct pg_describe_object(cast('pg_class' as regclass), ev_class, 0) from pg_depend"
            " join pg_rewrite on classid = cast('pg_rewrite' as regclass) and objid = pg_rewrite.oid"
            " where refclassid = cast('pg_class' as regclass) and refobjid = any(cast(:goes as oid[]))"
            " and ev_class <> all(cast(:goes as oid[])) order by 1"
        ),
        {"goes": list(goes.values())},
    ).all()
    kinds = {(view.place, view.name): "v" for view in views.wanted(target.schema)}
    kinds |= {(HISTORY, table.name): "r" for table in ddl.served_tables()}
    there = relations.look(connection, [*views.PLACES, HISTORY])
    misplaced = [".".join(name) for name, each in there.items() if each.kind != kinds.get(name, each.kind)]
    if found := [*standing, *misplaced]:
        raise _built_on(", ".join(found))


def _built_on(found: str) -> BuiltOnServing:
    return BuiltOnServing(
        "The served tables have to be made anew, and something of somebody else's stands on them or in their place: "
        f"{found}. Nothing was changed and what was published before is served on. Drop it, or move it away, run the "
        "same command again, and make it again after."
    )


def drop_replaced(connection: sa.Connection) -> None:
    """Drop schemas no view shows any more, unless a reader still holds one or somebody's view stands on it."""
    connection.execute(sa.text("set local lock_timeout = '2s'"))
    shown = connection.scalar(sa.text("select max(version) from lakehouse.serving_version"))
    if shown is None:
        return
    for schema in (f"serving_v{number}" for number in _numbers(connection) if number != shown):
        found = relations.look(connection, [schema])
        tables = ", ".join(f'{schema}."{name}"' for (_, name), each in found.items() if each.kind == "r")
        try:
            with connection.begin_nested():
                if tables:
                    connection.execute(sa.text(f"drop table {tables}"))
                connection.execute(sa.text(f"drop schema {schema}"))
        except DBAPIError as error:
            if getattr(error.orig, "pgcode", None) not in _BUILT_ON:
                raise
            log.warning(
                "tables that are served no more stay, because something of somebody else's stands on them and shows "
                "old rows; make it stand on `serving` instead",
                schema=schema,
                reason=" ".join(str(error.orig).split()),
            )
