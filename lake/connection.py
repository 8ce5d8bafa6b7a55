"""A read-only DuckDB over one release: the layers as schemas, the tables as views."""

import duckdb

from contracts.base import Table
from contracts.registry import LAYERS, lake_tables
from contracts.settings import Settings
from lake import delta, run_records, spill
from lake import release as releases
from lake.release import Release


def connect(settings: Settings, at: int | None = None) -> duckdb.DuckDBPyConnection:
    """DuckDB with schemas bronze, silver, gold and quality, as of a release (default: the one in force).

    It can read the release's files and nothing else. Raises NotFound before the first release.
    """
    return over(settings, releases.pinned(settings, at))


def over(settings: Settings, release: Release) -> duckdb.DuckDBPyConnection:
    """The same over a release that is at hand."""
    files = _files(settings.lake, release.versions)
    con = _open(files)
    run_records.add(con, settings)
    if "://" not in settings.lake:
        con.execute("set allowed_paths = $paths", {"paths": [path for paths in files.values() for path in paths]})
        con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")
    return con


def open_layers(root: str, versions: dict[str, int]) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with a view per table at the given versions."""
    return _open(_files(root, versions))


def _files(root: str, versions: dict[str, int]) -> dict[str, list[str]]:
    """The files of each table at its version."""
    known = [(name, table) for name, table in lake_tables().items() if name in versions]
    return {name: delta.files(root, table, versions[name]) for name, table in known}


def _open(files: dict[str, list[str]]) -> duckdb.DuckDBPyConnection:
    con = spill.connect()
    con.execute("set timezone = 'UTC'")
    # A file never changes, and its footer is read by every statement over it (a fifth of gold on 300 days).
    con.execute("set parquet_metadata_cache = true")
    for layer in LAYERS:
        con.execute(f"create schema {layer}")
    for name, paths in files.items():
        con.execute(f"create view {name} as {select_files(lake_tables()[name], paths)}")
    return con


def select_version(root: str, table: Table, version: int) -> str:
    """The SELECT over exactly the files of a version."""
    return select_files(table, delta.files(root, table, version))


def select_files(table: Table, paths: list[str], *, with_file: bool = False) -> str:
    """The SELECT over some files of a table, typed also where there are none; `with_file` adds `filename`."""
    types = table.duckdb_types()
    if not paths:
        nothing = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in types.items())
        return f"select {nothing} where false"
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    hive = "hive_partitioning = false"
    if table.partition:
        hive = f"hive_partitioning = true, hive_types = {{'{table.partition}': {types[table.partition]}}}"
    wanted = [*types, "filename"] if with_file else types
    return f"select {', '.join(wanted)} from read_parquet([{listed}], {hive}, filename = {with_file})"


def released_tables(release: Release) -> list[Table]:
    """The contracts of the tables a release holds."""
    return [table for name, table in lake_tables().items() if name in release.versions]
