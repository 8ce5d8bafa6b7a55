"""Every served table holds exactly the rows of the lake's."""

from collections.abc import Iterator

import duckdb

from contracts.base import Table
from lake import connection
from pipelines.fsck import served
from pipelines.fsck.finding import Finding
from pipelines.fsck.home import Home
from serving.ddl import VIEWS, quoted

NEEDS_ROWS = True
SHOWN = 5
REMEDY = "--repair publishes it again from the lake."


def find(home: Home) -> Iterator[Finding]:
    """Rows that were edited, deleted or inserted in Postgres."""
    release = home.release
    if release is None or home.is_foreign:
        return
    there = served.columns(home.database)
    with served.workshop() as con:
        for table in home.tables:
            if not table.served or table.full_name in home.broken:
                continue
            if set(table.names) - there.get(table.name, set()):
                continue  # which `served_schema` tells
            place = f"{VIEWS}.{table.name}"
            rows = connection.select_version(home.settings.lake, table, release.versions[table.full_name])
            if served.compare(con, home.database, table, rows):
                yield from _differences(con, table, place)


def _differences(con: duckdb.DuckDBPyConnection, table: Table, place: str) -> Iterator[Finding]:
    """One finding a kind of difference, by the keys."""
    key = quoted(table.key)
    said = " || ', ' || ".join(f"'{name}=' || coalesce(cast(\"{name}\" as varchar), 'null')" for name in table.key)
    kinds = con.sql(
        f"select kind, count(*), list(keys order by keys)[:{SHOWN}] from ("
        f" select {said} as keys, case when min(side) < 0 and max(side) > 0 then 'edited'"
        f" when max(side) > 0 then 'missing' else 'foreign' end as kind from differing group by {key}"
        ") group by kind order by kind"
    ).fetchall()
    words = {
        "edited": "differ from the lake's",
        "missing": "of the lake's are missing",
        "foreign": "are in no version of the lake",
    }
    for kind, count, keys in kinds:
        more = ", ..." if count > len(keys) else ""
        yield Finding(
            "served_rows", place, f"{count} rows {words[kind]}: {'; '.join(keys)}{more}.", REMEDY,
            mend="served", table=place, rows=tuple(keys), count=count,
        )  # fmt: skip
