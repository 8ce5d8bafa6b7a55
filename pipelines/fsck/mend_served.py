"""Postgres put right from the lake: release rows, served rows, the report.

A row put back keeps the release it has been true since, so that earlier states stay what they were.
"""

import json

import duckdb
import sqlalchemy as sa

from contracts.base import Table
from contracts.errors import LakeUnavailable
from lake import connection
from lake.release import Release
from pipelines.fsck import served
from pipelines.fsck.finding import Finding
from pipelines.fsck.home import Home
from pipelines.fsck.work import Work
from serving import ddl, migrate, publish
from serving.copy import copy
from serving.postgres import translate_errors
from serving.retry import Retries

INSERT = (
    "insert into lakehouse.releases values (:id, :run, :as_of, :created, cast(:settings as jsonb),"
    " cast(:versions as jsonb)) on conflict do nothing"
)


def insert_releases(work: Work, home: Home, found: list[Finding]) -> list[str]:
    """Rows of `lakehouse.releases` that only the lake's copies still know."""
    numbers = sorted(int(row) for finding in found for row in finding.rows)
    with translate_errors(), work.engine.begin() as database:
        for number in numbers:
            release = home.copies[number].release
            database.execute(
                sa.text(INSERT),
                {
                    "id": number,
                    "run": release.run_id,
                    "as_of": release.as_of,
                    "created": release.created_at,
                    "settings": json.dumps(release.settings),
                    "versions": json.dumps(release.versions),
                },
            )
    return [f"lakehouse.releases: release {number} written again" for number in numbers]


def publish_again(work: Work, home: Home, found: list[Finding]) -> list[str]:
    """Make the served tables that differ hold exactly the lake's rows, in one commit."""
    release = home.release
    if release is None:
        return []
    if any(not finding.rows for finding in found):  # a table or a view itself is not as it should be
        rows, _ = publish.mend(work.engine, work.settings.lake, release, work.run_id, Retries())
        return [f"{ddl.VIEWS}: made anew from the lake, {rows} rows"]
    places = {finding.table for finding in found}
    done = []
    with translate_errors(), work.engine.begin() as database, served.workshop() as con:
        # No run publishes meanwhile; readers do not wait.
        database.execute(sa.text("lock table lakehouse.releases in share row exclusive mode"))
        target = migrate.prepare(database)
        for table in home.tables:
            if table.served and f"{ddl.VIEWS}.{table.name}" in places:
                rows_of = connection.select_version(work.settings.lake, table, release.versions[table.full_name])
                if count := served.compare(con, database, table, rows_of):
                    _correct(con, database, home, target.schema, table)
                    done.append(f"{ddl.VIEWS}.{table.name}: {count} rows put right from the lake")
    return done


def _correct(con: duckdb.DuckDBPyConnection, database: sa.Connection, home: Home, schema: str, table: Table) -> None:
    """Take out of the table what `differing` has too many of, and put in what it lacks."""
    names = ddl.quoted(table.names)
    key = ddl.quoted(table.key)
    target = f'{schema}."{table.name}"'
    _date_back(con, home, table)
    wrong = con.sql(f"select distinct {key} from differing").pl()
    right = con.sql(f"select {names}, from_release from lacking").pl()
    database.execute(sa.text(f"create temporary table staging as select {key} from {target} with no data"))
    copy(database, "staging", table.key, [wrong])
    same = " and ".join(f'old."{name}" is not distinct from staging."{name}"' for name in table.key)
    database.execute(sa.text(f"delete from {target} as old using staging where {same}"))
    database.execute(sa.text("drop table staging"))
    database.execute(
        sa.text(f"create temporary table staging as select {names}, from_release from {target} with no data")
    )
    copy(database, "staging", right.columns, [right])
    database.execute(sa.text(f"insert into {target} ({names}, from_release) select {names}, from_release from staging"))
    database.execute(sa.text("drop table staging"))
    database.execute(sa.text(f"analyze {target}"))


def _date_back(con: duckdb.DuckDBPyConnection, home: Home, table: Table) -> None:
    """Make `lacking`: the rows Postgres lacks, with the release each has been true since."""
    newest, *earlier = sorted(home.kept.values(), key=lambda release: -release.release_id)
    names = ddl.quoted(table.names)
    con.execute(
        f"create or replace table lacking as select {names}, {newest.release_id}::bigint as from_release"
        " from differing where side > 0"
    )
    same = " and ".join(f'lacking."{name}" is not distinct from older."{name}"' for name in table.names)
    since, version = newest.release_id, newest.versions[table.full_name]
    for release in earlier:
        if table.full_name not in release.versions:
            return
        if release.versions[table.full_name] != version:
            if not _is_readable(con, home, table, release):
                return
            version = release.versions[table.full_name]
            where = f"from_release = {since} and exists (from older where {same})"
        else:
            where = f"from_release = {since}"
        [(count,)] = con.execute(f"update lacking set from_release = {release.release_id} where {where}").fetchall()
        if not count:
            return
        since = release.release_id


def _is_readable(con: duckdb.DuckDBPyConnection, home: Home, table: Table, release: Release) -> bool:
    try:
        rows = connection.select_version(home.settings.lake, table, release.versions[table.full_name])
        con.execute(f"create or replace temporary table older as {rows}")
    except (LakeUnavailable, duckdb.Error):
        return False
    return True


def write_report(work: Work, home: Home, _: list[Finding]) -> list[str]:
    """The report of the release in force."""
    release = home.release
    if release is None:
        return []
    folder = work.publisher.write_report(release)
    return [f"{folder.relative_to(work.settings.home)}: written again"]
