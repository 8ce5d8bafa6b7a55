"""The views that readers use: over the tables of `serving_v<N>`, and over those and the history.

A view is replaced in place where its columns are only added to, so that what somebody built on it stands on.
"""

from dataclasses import dataclass, field

import sqlalchemy as sa

from serving import history, relations
from serving.ddl import AT_VIEWS, BI_VIEWS, HISTORY, VIEWS, quoted, served_tables, types
from serving.relations import Relation

PLACES = (BI_VIEWS, VIEWS, AT_VIEWS)
_ASIDE = f"{VIEWS}_aside"
_PUBLICATION = {
    "release_id": "bigint",
    "run_id": "text",
    "as_of": "date",
    "published_at": "timestamp with time zone",
}


@dataclass(frozen=True)
class View:
    """A view as it should be."""

    place: str
    name: str
    columns: dict[str, str]  # name to type, in order
    select: str
    stands_on: frozenset[str]  # as `schema.name`
    grain: str = ""
    meanings: dict[str, str] = field(default_factory=dict)  # by column

    @property
    def quoted(self) -> str:
        """For statements."""
        return f'{self.place}."{self.name}"'

    def create(self) -> str:
        """The statement that makes it, or replaces it."""
        return f"create or replace view {self.quoted} ({quoted(self.columns)}) as {self.select}"

    def comments(self) -> list[str]:
        """The statements that say what it holds."""
        said = [f"comment on view {self.quoted} is {_literal(self.grain)}"] if self.grain else []
        return said + [
            f'comment on column {self.quoted}."{name}" is {_literal(meaning)}'
            for name, meaning in self.meanings.items()
        ]


def publication(place: str) -> View:
    """The view of the release in force, which every reader of `serving` begins with."""
    return View(
        place,
        "publication",
        _PUBLICATION,
        "select release_id, run_id, as_of, created_at from lakehouse.releases order by release_id desc limit 1",
        frozenset({"lakehouse.releases"}),
        f"The release that all of `{place}` shows.",
    )


def wanted(schema: str) -> list[View]:
    """Every view over the tables of the schema; one that stands on another after it."""
    found = [publication(BI_VIEWS), publication(VIEWS)]
    for place in (BI_VIEWS, VIEWS):
        for table in served_tables():
            shown = [column for column in table.columns if place == VIEWS or not column.personal]
            columns = types(shown)
            view = View(
                place,
                table.name,
                columns,
                f'select {quoted(columns)} from {schema}."{table.name}"',
                frozenset({f"{schema}.{table.name}"}),
                table.grain,
                {column.name: column.meaning for column in shown},
            )
            found.append(view)
            if table.name == "fct_orders":
                found.append(_revenue_orders(view))
    return found + _of_releases(schema)


def _revenue_orders(orders: View) -> View:
    return View(
        orders.place,
        "revenue_orders",
        orders.columns,
        f"select * from {orders.quoted} where is_revenue",
        frozenset({f"{orders.place}.{orders.name}"}),
        "The orders that bear revenue.",
    )


def _of_releases(schema: str) -> list[View]:
    """Every row of every release that is kept, with `from_release` and `to_release`, which is null while it is true."""
    found = []
    for table in served_tables():
        names = quoted(table.names)
        select = (
            f'select {names}, from_release, cast(null as bigint) from {schema}."{table.name}"'
            f' union all select {names}, from_release, to_release from {HISTORY}."{table.name}"'
        )
        behind = frozenset({f"{schema}.{table.name}", f"{HISTORY}.{table.name}"})
        found.append(View(AT_VIEWS, table.name, history.columns(table), select, behind))
    return found


def put(connection: sa.Connection, views: list[View]) -> None:
    """Make the views, or replace them in place."""
    statements = [f"create schema if not exists {place}" for place in dict.fromkeys(view.place for view in views)]
    for view in views:
        statements += [view.create(), *view.comments()]
    _run(connection, statements)


def drop(connection: sa.Connection, names: list[str]) -> None:
    """Drop views, and nothing that stands on them."""
    if names:
        _run(connection, [f"drop view {', '.join(names)}"])


def outdated(connection: sa.Connection, schema: str, replaced: str | None) -> dict[str, Relation]:
    """The views that cannot be replaced in place or show a table that is no more, by their quoted names.

    `replaced` is the schema whose tables they stand on until now.
    """
    there = relations.look(connection, [*PLACES, *([replaced] if replaced else [])])
    views = {(view.place, view.name): view for view in wanted(schema)}
    found = {}
    for (place, name), relation in there.items():
        if place not in PLACES or relation.kind != "v":
            continue
        view, had = views.get((place, name)), list(relation.columns.items())
        gone = (replaced, name) in there if view is None else list(view.columns.items())[: len(had)] != had
        if gone:
            found[place, name] = relation
    places = {".".join(key) for key in found}
    found |= {key: each for key, each in there.items() if key in views and each.kind == "v" and each.stands_on & places}
    return {f'{place}."{name}"': relation for (place, name), relation in found.items()}


def set_aside(connection: sa.Connection, schema: str) -> None:
    """Show the tables of the schema as `serving` to this transaction alone, until `put_back`.

    A schema gets another name without a lock on what is in it, so readers go on by the old one.
    """
    _run(connection, [f"create schema if not exists {VIEWS}", f"alter schema {VIEWS} rename to {_ASIDE}"])
    put(connection, [view for view in wanted(schema) if view.place == VIEWS])


def put_back(connection: sa.Connection) -> None:
    """The views as readers have them."""
    _run(connection, [f"drop schema {VIEWS} cascade", f"alter schema {_ASIDE} rename to {VIEWS}"])


def _run(connection: sa.Connection, statements: list[str]) -> None:
    # As it is: a comment may hold a percent sign.
    connection.exec_driver_sql(";\n".join(statements), execution_options={"no_parameters": True})


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
