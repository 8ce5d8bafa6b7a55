"""The tables of replaced rows, with the releases they were true for: one for each served table.

They outlive the contract they were made by: columns are added and get other types, none is taken away.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from contracts.base import Table
from contracts.errors import ChangedType
from serving import relations
from serving.ddl import HISTORY, quoted, served_tables, types
from serving.failures import words

RELEASES = {"from_release": "bigint", "to_release": "bigint"}


def columns(table: Table) -> dict[str, str]:
    """The types of the columns that the history of a table needs, by name."""
    return types(table.columns) | RELEASES


def make(connection: sa.Connection) -> None:
    """Make the tables and indexes that are not there; one that somebody took the releases from begins anew.

    Tables that are there are not altered, so that nobody waits.
    """
    connection.execute(sa.text(f"create schema if not exists {HISTORY}"))
    found = relations.look(connection, [HISTORY])
    for table in served_tables():
        there = found.get((HISTORY, table.name))
        if there is not None and not RELEASES.keys() <= there.columns.keys():
            connection.execute(sa.text(f"drop table {_quoted(table)}"))
            there = None
        if there is None:
            parts = ", ".join(
                f'"{name}" {kind}{" not null" if name in RELEASES else ""}' for name, kind in columns(table).items()
            )
            connection.execute(sa.text(f"create table {_quoted(table)} ({parts})"))
        if there is None or ("to_release",) not in there.indexes:
            connection.execute(sa.text(f"create index on {_quoted(table)} (to_release)"))


def keep(connection: sa.Connection, schema: str, release_id: int) -> None:
    """The rows of a schema that is replaced, as they were published, in the columns the history has."""
    found = relations.look(connection, [schema, HISTORY])
    for table in served_tables():
        old, kept = found.get((schema, table.name)), found[HISTORY, table.name]
        if old is None or "from_release" not in old.columns:
            continue  # somebody dropped it
        shared = [name for name in old.columns if name in kept.columns]
        cast = ", ".join(f'cast("{name}" as {kept.columns[name]})' for name in shared)
        changed = [name for name in shared if old.columns[name] != kept.columns[name]]
        with _fitting(table, changed):
            connection.execute(
                sa.text(
                    f"insert into {_quoted(table)} ({quoted(shared)}, to_release)"
                    f' select {cast}, :release from {schema}."{table.name}" where from_release < :release'
                ),
                {"release": release_id},
            )


def retyped(connection: sa.Connection, replaced: str | None) -> dict[str, int]:
    """The tables of which a column gets another type: quoted name to oid.

    Raises ChangedType where a row of theirs, or of the schema that is replaced, does not fit it.
    """
    found = relations.look(connection, [HISTORY, *([replaced] if replaced else [])])
    changing = {}
    for table in served_tables():
        for place in (HISTORY, replaced):
            there = found.get((place, table.name)) if place else None
            had = there.columns if there else {}
            others = [(name, kind) for name, kind in columns(table).items() if had.get(name, kind) != kind]
            if others:
                counted = ", ".join(f'count(cast("{name}" as {kind}))' for name, kind in others)
                with _fitting(table, [name for name, _ in others]):
                    connection.execute(sa.text(f'select {counted} from {place}."{table.name}"'))
            if others and there and place == HISTORY:
                changing[_quoted(table)] = there.oid
    return changing


def fit(connection: sa.Connection) -> None:
    """Give the tables the columns and types of the contracts; readers wait until the transaction ends.

    No view stands on a column that gets another type. Raises ChangedType where a replaced row does not fit.
    """
    found = relations.look(connection, [HISTORY])
    for table in served_tables():
        had, needed = found[HISTORY, table.name].columns, columns(table)
        others = [name for name, kind in needed.items() if had.get(name, kind) != kind]
        changes = [f'add column "{name}" {kind}' for name, kind in needed.items() if name not in had]
        changes += [
            f'alter column "{name}" type {needed[name]} using cast("{name}" as {needed[name]})' for name in others
        ]
        if changes:
            with _fitting(table, others):
                connection.execute(sa.text(f"alter table {_quoted(table)} {', '.join(changes)}"))


def _quoted(table: Table) -> str:
    return f'{HISTORY}."{table.name}"'


@contextmanager
def _fitting(table: Table, names: Sequence[str]) -> Iterator[None]:
    try:
        yield
    except sa.exc.DataError as error:
        raise ChangedType(
            f"A column of {table.full_name} ({', '.join(names)}) has another type in its contract now, and a row that "
            f"was published before does not fit it: {words(error)}. The tables of before are served on. Give the "
            "column a type that holds both, or a new name."
        ) from error
