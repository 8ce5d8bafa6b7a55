"""Every bronze row is what landed: its values fit its hash."""

import os
from collections.abc import Iterator

import duckdb

from contracts.base import Source
from contracts.registry import sources
from lake import connection, delta, scratch
from pipelines.bronze.ingest import row_hash
from pipelines.fsck.finding import Finding
from pipelines.fsck.home import Home

SHOWN = 5
NEEDS_ROWS = True


def find(home: Home) -> Iterator[Finding]:
    """Rows whose values were changed after they were loaded, by file."""
    with scratch.connect() as con:
        for source in sources().values():
            name = source.table.full_name
            if home.release is None or name in home.broken or name not in home.release.versions:
                continue
            paths = delta.files(home.settings.lake, source.table, home.release.versions[name])
            if paths:
                yield from _of(home, con, source, paths)


def _of(home: Home, con: duckdb.DuckDBPyConnection, source: Source, paths: list[str]) -> Iterator[Finding]:
    table = source.table
    rows = connection.select_files(table, paths, with_file=True)
    wrong = con.sql(
        f"select filename, count(*), list(landing_date || '/' || source_file || '#' || row_number"
        f" order by landing_date, source_file, row_number)[:{SHOWN}] from ({rows})"
        f" where row_hash is distinct from {row_hash(source)} group by filename order by filename"
    ).fetchall()
    for filename, count, shown in wrong:
        path = os.path.relpath(filename, home.folder(table))
        home.broken.add(table.full_name)
        yield Finding(
            "bronze_rows", f"{table.full_name} {path}",
            f"{count} rows do not fit their row_hash: {', '.join(shown)} and so on."
            if count > len(shown) else f"{count} rows do not fit their row_hash: {', '.join(shown)}.",
            "They were changed after they were loaded; --repair loads them again from landing, or from an older file.",
            mend="bronze", table=table.full_name, file=path, rows=tuple(shown), count=count,
        )  # fmt: skip
