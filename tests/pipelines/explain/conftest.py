"""Releases copied into memory, where many explanations are quick and a table can be added."""

import duckdb

from contracts.settings import Settings
from lake.release import Release
from pipelines.explain import evidence


def in_memory(settings: Settings) -> tuple[Release, duckdb.DuckDBPyConnection]:
    """The release in force and a DuckDB that holds a copy of all its tables."""
    copy = duckdb.connect()
    with evidence.opened(settings, None) as (release, con):
        for name in release.versions:
            copy.execute(f"create schema if not exists {name.partition('.')[0]}")
            copy.register("incoming", con.sql(f"select * from {name}").to_arrow_table())
            copy.execute(f"create table {name} as select * from incoming")
            copy.unregister("incoming")
    return release, copy
