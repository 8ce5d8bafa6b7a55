"""The lineage of everything: the models' own SQL on top of what the contracts say of files, bronze and silver."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from contracts.errors import QueryError
from contracts.registry import LAYERS, lake_tables, tables
from contracts.settings import Settings
from pipelines.gold import build
from pipelines.lineage import landed
from pipelines.lineage.model import Lineage, Made, Place
from pipelines.lineage.trace import PARAMETER, ROWS, Inputs, Node, columns
from serving import query_files

ROOT = Path(__file__).parents[2]
# Queries that show or check figures, the folder each kind lies in, and how its SQL is spelt.
READERS = {
    "api": (ROOT / "serving" / "queries", "postgres"),
    "report": (ROOT / "serving" / "reports" / "queries", "postgres"),
    "check": (ROOT / "contracts" / "audits", "duckdb"),
}
OUTSIDE = {
    "before": "As the release before had it.",
    "changed": "Silver rows that the landing changed, as they were and as they are.",
    "lakehouse": "Kept in the database: releases and runs.",
    "serving": "Kept in the database with what is published.",
}
PARAMETERS = {"as_of": "The greatest landing date loaded."}


@cache
def lineage() -> Lineage:
    """The lineage of every table and column, read once in a process.

    Raises QueryError where the SELECT of a gold table cannot be read.
    """
    return of_models(build.models())


def of_models(models: Mapping[str, str], readers: bool = True) -> Lineage:
    """The lineage of these models (`gold.fct_orders` to its SELECT); with `readers` also of what shows them."""
    places = [*landed.places(), *_gold(models), *(_readers() if readers else ())]
    return Lineage([*places, *_undeclared(places)])


def _schema() -> dict[str, dict[str, dict[str, str]]]:
    return {layer: {name: table.duckdb_types() for name, table in tables(layer).items()} for layer in LAYERS}


def _gold(models: Mapping[str, str]) -> Iterator[Place]:
    schema = _schema()
    for name, table in tables("gold").items():
        if table.full_name not in models:
            declared = {column.name: Made(meaning=column.meaning) for column in table.columns}
            yield Place(table.full_name, "gold", table.grain, declared, note="No model makes it.")
            continue
        try:
            found = columns(models[table.full_name], schema)
        except QueryError as error:
            raise QueryError(f"pipelines/gold/{name}.sql: {error}") from None
        made = {column.name: Made(found.get(column.name, Inputs()), "", column.meaning) for column in table.columns}
        yield Place(table.full_name, "gold", table.grain, made, found[ROWS])


def _readers() -> Iterator[Place]:
    served = {table.name: name for name, table in lake_tables().items() if table.served}
    schema = _schema()
    schema["serving"] = {name: lake_tables()[full].duckdb_types() for name, full in served.items()}
    for layer, (folder, dialect) in READERS.items():
        for path in sorted(folder.glob("*.sql")):
            sql = query_files.read(folder, path.stem)
            try:
                found = columns(sql, schema, dialect)
            except QueryError:  # put together when it is asked: what it reads is still plain to see
                found = {ROWS: Inputs(frozenset(Node(name, ROWS) for name in re.findall(r"\bserving\.\w+", sql)))}
            shown = {name: Made(_of_lake(inputs, served)) for name, inputs in found.items()}
            rows = shown.pop(ROWS).inputs
            grain = sql.partition("\n")[0].removeprefix("--").removeprefix(" Detects:").strip()
            yield Place(f"{layer}.{path.stem}", layer, grain, shown, rows, path.relative_to(ROOT).as_posix())


def _of_lake(inputs: Inputs, served: Mapping[str, str]) -> Inputs:
    """What is read of schema `serving` under the name it has in the lake; a query's own parameters are nobody's."""

    def renamed(nodes: Iterable[Node]) -> frozenset[Node]:
        named = ((node.table.removeprefix("serving."), node) for node in nodes if node.table != PARAMETER)
        return frozenset(Node(served[name], node.column) if name in served else node for name, node in named)

    return Inputs(renamed(inputs.value), renamed(inputs.decides))


def _undeclared(places: Iterable[Place]) -> Iterator[Place]:
    """Places for what is read and stands in no contract: parameters, and schemas that lie outside the models."""
    known = {place.name: place for place in places}
    found: dict[str, set[str]] = {}
    for place in known.values():
        for made in (*place.columns.values(), Made(place.rows)):
            for node in made.inputs.all:
                if node.table not in known:
                    found.setdefault(node.table, set()).add(node.column)
    for name, used in sorted(found.items()):
        named = sorted(used - {ROWS})
        if name == PARAMETER:
            yield Place(
                name, "parameter", "What a run hands to the models.", {each: _parameter(each) for each in named}
            )
        else:
            grain = OUTSIDE.get(name.partition(".")[0], "No model and no contract makes it; lineage ends here.")
            yield Place(name, "outside", grain, {each: Made() for each in named})


def _parameter(name: str) -> Made:
    setting = Settings.model_fields.get(name)
    return Made(meaning=(setting.description or "") if setting else PARAMETERS.get(name, ""))
