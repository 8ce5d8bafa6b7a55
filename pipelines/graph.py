"""The order in which models are built, read from their SQL: no dependency is written by hand."""

from collections.abc import Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from contracts import registry
from contracts.errors import QueryError

OF_A_RUN = ("before.", "changed.")


@cache
def inputs(sql: str) -> frozenset[str]:
    """The tables a SELECT reads, as `layer.table`; names of its own CTEs are not among them.

    Raises QueryError where the SQL is not one statement, or names a table without its layer.
    """
    try:
        statement = sqlglot.parse_one(sql, dialect="duckdb")
    except SqlglotError as error:
        raise QueryError(f"The SQL cannot be read: {error}. Mend the SELECT.") from None
    ctes = {cte.alias for cte in statement.find_all(exp.CTE)}
    found = set()
    for table in statement.find_all(exp.Table):
        if table.db:
            found.add(f"{table.db}.{table.name}")
        elif table.name not in ctes:
            raise QueryError(f"The SQL reads {table.name}, which is no CTE of it. Write silver.{table.name} or so.")
    return frozenset(found)


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
