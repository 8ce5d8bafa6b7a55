"""The order in which models are built, read from their SQL: no dependency is written by hand."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

from contracts import registry
from contracts.errors import QueryError
from lake import scratch

OF_A_RUN = ("before.", "changed.")


@cache
def inputs(sql: str) -> frozenset[str]:
    """The tables a SELECT reads, as `layer.table`; names of its own CTEs are not among them.

    Raises QueryError where the SQL is not one SELECT, or names a table without its layer.
    """
    with scratch.connect() as con:
        [(text,)] = con.execute("select json_serialize_sql(?)", [sql]).fetchall()
    parsed = json.loads(text)
    if parsed["error"] or len(parsed["statements"]) != 1:
        reason = parsed.get("error_message", "it is not one statement")
        raise QueryError(f"The SQL cannot be read: {reason}. Mend the SELECT.")
    nodes = list(_nodes(parsed["statements"]))
    ctes = {entry["key"] for node in nodes if "cte_map" in node for entry in node["cte_map"]["map"]}
    found = set()
    for table in (node for node in nodes if node.get("type") == "BASE_TABLE"):
        name = table["table_name"]
        if table["schema_name"]:
            found.add(f"{table['schema_name']}.{name}")
        elif name not in ctes:
            raise QueryError(f"The SQL reads {name}, which is no CTE of it. Write silver.{name} or so.")
    return frozenset(found)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object in a parsed statement."""
    if isinstance(tree, dict):
        yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for branch in tree:
            yield from _nodes(branch)


def order(models: Mapping[str, str]) -> list[str]:
    """The models (`layer.table` to its SELECT) so that each comes after what it reads; ties by name.

    Raises QueryError naming the tables of a cycle, or a table that neither a model makes nor silver has.
    """
    given = {table.full_name for table in registry.tables("silver").values()}
    reads = {}
    for name in sorted(models):
        read = inputs(models[name])
        # What a run knows of the release before stands in schemas of its own.
        unknown = sorted(name for name in read - given - set(models) if not name.startswith(OF_A_RUN))
        if unknown:
            raise QueryError(f"The model {name} reads {', '.join(unknown)}, which no contract or model knows.")
        reads[name] = sorted(read & set(models))
    try:
        return list(TopologicalSorter(reads).static_order())
    except CycleError as error:
        path = " -> ".join(error.args[1])
        raise QueryError(f"These models read each other in a circle: {path}. One of them must not.") from None
