"""A DuckDB for a passing question: opened once, since that takes longer (25 ms) than most answers."""

from functools import cache

import duckdb

from lake import spill


def connect() -> duckdb.DuckDBPyConnection:
    """A connection of the caller's own to an empty in-memory database all callers share."""
    return _database().cursor()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    con = spill.connect()
    con.execute("set parquet_metadata_cache = true")
    return con
