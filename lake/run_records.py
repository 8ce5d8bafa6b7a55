"""Run records as DuckDB views: they live in Postgres, outside the release, and are read when they are asked for."""

from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
from psycopg2 import sql

from contracts.errors import DatabaseUnavailable
from contracts.settings import Settings
from lake import release as releases

_RELATIONS = {
    "bronze.rejected_files": "rejected_files",
    "quality.runs": "runs",
    "quality.run_steps": "run_steps",
    "quality.check_results": "check_results",
    "quality.stopped_quarantine": "stopped_quarantine",
}
# How Postgres spells the types these tables are made of.
_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "text[]": pa.list_(pa.string()),
    "date": pa.date32(),
    "integer": pa.int64(),
    "bigint": pa.int64(),
    "double precision": pa.float64(),
    "timestamp without time zone": pa.timestamp("us"),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
}


def add(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Add a view of each of the run records that the database has; none where no database answers."""
    with releases.database(settings) as connection:
        if connection is None:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "select relname, array_agg(attname::text order by attnum),"
                " array_agg(format_type(atttypid, null) order by attnum)"
                " from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped"
                " where relnamespace = to_regnamespace('lakehouse') and relkind = 'r' group by relname"
            )
            known = {name: dict(zip(columns, types, strict=True)) for name, columns, types in cursor.fetchall()}
    for view, relation in _RELATIONS.items():
        if relation in known:
            schema = pa.schema([(name, _TYPES[kind]) for name, kind in known[relation].items()])
            con.register(f"lakehouse_{relation}", _Read(settings, relation, schema))
            con.execute(f"create view {view} as select * from lakehouse_{relation}")


class _Read:
    """A table of schema `lakehouse`; DuckDB asks for its rows each time it scans it."""

    def __init__(self, settings: Settings, relation: str, schema: pa.Schema) -> None:
        self._settings = settings
        self._relation = relation
        self._schema = schema

    def __arrow_c_schema__(self) -> Any:
        return self._schema.__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        with releases.database(self._settings) as connection:
            if connection is None:
                raise DatabaseUnavailable("No database answers any more, so run records cannot be read.")
            names = sql.SQL(", ").join(map(sql.Identifier, self._schema.names))
            query = sql.SQL("select {} from lakehouse.{}").format(names, sql.Identifier(self._relation))
            with connection.cursor() as cursor:
                cursor.execute(query)
                rows = cursor.fetchall()
        frame = pl.DataFrame(rows, schema=pl.Schema(self._schema), orient="row")
        return frame.to_arrow().cast(self._schema).__arrow_c_stream__(requested_schema)
