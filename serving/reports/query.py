"""Runs the queries of the reports: one file each under `queries/`."""

from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, text

Row = dict[str, Any]


def fetch(connection: Connection, stem: str, **parameters: Any) -> list[Row]:
    """The rows of `queries/<stem>.sql`, as dictionaries by column, in the query's order."""
    sql = files("serving.reports").joinpath("queries", f"{stem}.sql").read_text(encoding="utf-8")
    return [dict(row) for row in connection.execute(text(sql), parameters).mappings()]
