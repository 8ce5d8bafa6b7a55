"""Runs the queries of the reports: one file each under `queries/`."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from serving import query_files

Row = dict[str, Any]
QUERIES = Path(__file__).parent / "queries"
# Sums of all orders that several queries stand on, computed once for a report: 1,700,000 orders take 3 s each time.
_KEPT = {"order_sums": "pg_temp.report_order_sums"}


def keep(connection: Connection, **parameters: Any) -> None:
    """Compute what several queries stand on, for the rest of the transaction."""
    for name, table in _KEPT.items():
        sql = query_files.read(QUERIES, name)
        connection.execute(text(f"drop table if exists {table}"))
        connection.execute(text(f"create temporary table {table} on commit drop as {sql}"), parameters)
        connection.execute(text(f"analyze {table}"))


def fetch(connection: Connection, stem: str, **parameters: Any) -> list[Row]:
    """The rows of `queries/<stem>.sql`, as dictionaries by column, in the query's order; of cubes after `keep`."""
    sql = query_files.read(QUERIES, stem, _KEPT)
    return [dict(row) for row in connection.execute(text(sql), parameters).mappings()]
