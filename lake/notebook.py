"""What `import lake` hands to a notebook.

`at` is a release's number, such as 3, in place of the release in force; quality.runs and `tillhouse status`
name them. Anything else raises UsageError, a number that is none NotFound, one past retention PastRetention.
"""

import duckdb
import polars as pl

from contracts.base import Table
from contracts.errors import NotFound
from contracts.registry import lake_tables
from contracts.settings import load_settings
from lake import connection, delta
from lake import release as releases
from lake.release import Release


def connect(at: int | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only DuckDB connection with the layers as schemas, pinned to the release in force, or to release `at`."""
    return connection.connect(load_settings(), at)


def scan(name: str, at: int | None = None) -> pl.LazyFrame:
    """A polars LazyFrame over exactly the files release `at` has of a table such as `gold.fct_orders`."""
    table, release = _released(name, at)
    return delta.scan(load_settings().lake, table, release.versions[name])


def path(name: str, at: int | None = None) -> str:
    """The Delta table's folder. Give your tool `lake.version(name, at)` too: without it, it sees unreleased writes."""
    table, _ = _released(name, at)
    return delta.location(load_settings().lake, table)


def version(name: str, at: int | None = None) -> int:
    """The Delta version a release holds of a table."""
    return _released(name, at)[1].versions[name]


def tables(at: int | None = None) -> pl.DataFrame:
    """What there is: one row per column, with its table's grain and its meaning."""
    _, release = _released(None, at)
    rows = [
        (table.full_name, table.grain, column.name, column.type, column.nullable, column.meaning)
        for table in connection.released_tables(release)
        for column in table.columns
    ]
    return pl.DataFrame(rows, schema=["table", "grain", "column", "type", "nullable", "meaning"], orient="row")


def _released(name: str | None, at: int | None) -> tuple[Table, Release]:
    settings = load_settings()
    release = releases.pinned(settings, at)
    known = lake_tables()
    if name is None:
        name = next(iter(release.versions))
    if name not in release.versions or name not in known:
        raise NotFound(f"There is no table {name}. `lake.tables()` lists what there is.")
    return known[name], release
