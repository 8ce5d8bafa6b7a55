"""Is everything there that the contracts say: tables, columns, keys, indexes, views, histories."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from serving import ddl, history, relations, views
from serving.ddl import HISTORY, VIEWS
from serving.relations import Name, Relation


@dataclass(frozen=True)
class Lack:
    """Something that is not as the contracts say."""

    place: str  # `serving.publication`
    said: str  # `has no column city`


def lacks(connection: sa.Connection, schema: str) -> list[Lack]:
    """What the served tables, which lie in the schema, their views and histories lack."""
    found = relations.look(connection, [schema, *views.PLACES, HISTORY])
    if not any(place == schema for place, _ in found):
        return [Lack(VIEWS, "has no tables behind it")]
    return [*_of_tables(found, schema), *_of_views(found, schema), *_of_history(found)]


def _of_tables(found: dict[Name, Relation], schema: str) -> Iterator[Lack]:
    for table in ddl.metadata(schema).tables.values():
        place = f"{schema}.{table.name}"
        there = found.get((schema, table.name))
        columns = {column.name: ddl.type_of(column.type) for column in table.columns}
        if there is None or there.kind != "r":
            yield Lack(place, "is not there")
            continue
        yield from _of_columns(there, place, columns)
        required = {column.name for column in table.columns if not column.nullable}
        if loose := sorted((required & there.columns.keys()) - there.required):
            yield Lack(place, f"takes null in {', '.join(loose)}")
        key = tuple(column.name for column in table.primary_key.columns)
        if there.key != key:
            yield Lack(place, f"has no primary key ({', '.join(key)})")
        for reference in table.foreign_key_constraints:
            named = tuple(reference.column_keys)
            if (named, reference.referred_table.name) not in there.references:
                yield Lack(place, f"has no foreign key ({', '.join(named)}) to {reference.referred_table.name}")
        for index in table.indexes:
            named = tuple(str(column.name) for column in index.columns)
            if named not in there.indexes:
                yield Lack(place, f"has no valid index on ({', '.join(named)})")


def _of_views(found: dict[Name, Relation], schema: str) -> Iterator[Lack]:
    for view in views.wanted(schema):
        place = f"{view.place}.{view.name}"
        there = found.get((view.place, view.name))
        if there is None or there.kind != "v":
            yield Lack(place, "is not there")
            continue
        yield from _of_columns(there, place, view.columns)
        if there.stands_on != view.stands_on:
            yield Lack(place, f"does not stand on {' and '.join(sorted(view.stands_on))}")


def _of_history(found: dict[Name, Relation]) -> Iterator[Lack]:
    for table in ddl.served_tables():
        place = f"{HISTORY}.{table.name}"
        there = found.get((HISTORY, table.name))
        if there is None or there.kind != "r":
            yield Lack(place, "is not there")
            continue
        yield from _of_columns(there, place, history.columns(table))
        if ("to_release",) not in there.indexes:
            yield Lack(place, "has no valid index on (to_release)")


def _of_columns(there: Relation, place: str, wanted: dict[str, str]) -> Iterator[Lack]:
    if gone := [name for name in wanted if name not in there.columns]:
        yield Lack(place, f"has no column {', '.join(gone)}")
    for name, kind in wanted.items():
        if there.columns.get(name, kind) != kind:
            yield Lack(place, f"has {there.columns[name]} in column {name}, not {kind}")
