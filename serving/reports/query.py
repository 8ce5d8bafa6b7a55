"""Runs the queries of the reports: one file each under `queries/`."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from serving import query_files

Row = dict[str, Any]
QUERIES = Path(__file__).parent / "queries"


def fetch(connection: Connection, stem: str, **parameters: Any) -> list[Row]:
    """The rows of `queries/<stem>.sql`, as dictionaries by column, in the query's order."""
    return [dict(row) for row in connection.execute(text(query_files.read(QUERIES, stem)), parameters).mappings()]
