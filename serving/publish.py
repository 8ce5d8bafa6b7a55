"""A release and its publication: one transaction, so that lake readers, API and reports change together.

Only partitions whose files changed are staged, and of those only rows that differ are rewritten; a
replaced row moves to `serving_history`. Readers keep their snapshot and are never blocked.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import polars as pl
import sqlalchemy as sa

from contracts.base import Table
from contracts.errors import DatabaseUnavailable, ReleaseConflict
from lake import delta
from lake.release import Release
from serving import ddl
from serving.postgres import translate_errors

_COPY_ROWS = 200_000  # bounds the memory of one COPY chunk


def publish(
    engine: sa.Engine,
    root: str,
    base: Release | None,
    release: Release,
    before_commit: Callable[[sa.Connection], None],
) -> tuple[int, int]:
    """Write the release and bring `serving` to it, or change nothing; returns rows staged and rows written.

    Raises ReleaseConflict where another run released since `base`: the release is compare-and-set.
    """
    try:
        with translate_errors(), engine.begin() as connection:
            counts = _publish(connection, root, base, release)
            before_commit(connection)
    except DatabaseUnavailable:
        # The answer to a commit may be lost on the way; what happened is asked before anything is done again.
        if not _is_released(engine, release):
            raise
    return counts


def _is_released(engine: sa.Engine, release: Release) -> bool:
    with translate_errors(), engine.connect() as connection:
        run_id = connection.scalar(
            sa.text("select run_id from lakehouse.releases where release_id = :id"), {"id": release.release_id}
        )
    return bool(run_id == release.run_id)


def _publish(connection: sa.Connection, root: str, base: Release | None, release: Release) -> tuple[int, int]:
    """Write the release and bring the served tables to it; returns rows staged and rows written."""
    # Of two publishers the second waits here, and then sees the first one's release. Readers do not wait.
    connection.execute(sa.text("lock table lakehouse.releases in share row exclusive mode"))
    newest = connection.scalar(sa.text("select max(release_id) from lakehouse.releases"))
    if newest != (base.release_id if base else None):
        raise ReleaseConflict(
            f"Release {newest} was published while this run was working from "
            f"{base.release_id if base else 'none'}. Nothing was published; run the same command again."
        )
    connection.execute(
        sa.text(
            "insert into lakehouse.releases values"
            " (:id, :run, :as_of, :created, cast(:settings as jsonb), cast(:versions as jsonb))"
        ).bindparams(sa.bindparam("settings", type_=sa.JSON), sa.bindparam("versions", type_=sa.JSON)),
        {
            "id": release.release_id,
            "run": release.run_id,
            "as_of": release.as_of,
            "created": release.created_at,
            "settings": release.settings,
            "versions": release.versions,
        },
    )
    schema, is_new = ddl.migrate(connection)
    staged = written = 0
    for table in ddl.served_tables():
        scope = _changed(root, table, None if is_new or base is None else base, release)
        if scope is not None:
            staged_here, written_here = _replace(connection, schema, root, table, release, scope)
            staged += staged_here
            written += written_here
    return staged, written


@dataclass(frozen=True)
class _Scope:
    """The partitions of a table to bring up to date; None for all of it."""

    days: frozenset[date] | None


def _changed(root: str, table: Table, base: Release | None, release: Release) -> _Scope | None:
    after = release.versions[table.full_name]
    if base is None or table.full_name not in base.versions:
        return _Scope(None)
    before = base.versions[table.full_name]
    if before == after:
        return None
    days = delta.changed_partitions(root, table, before, after)
    return _Scope(None if days is None else frozenset(days))


def _replace(
    connection: sa.Connection, schema: str, root: str, table: Table, release: Release, scope: _Scope
) -> tuple[int, int]:
    """Make the scope of the served table equal the release; returns rows staged and rows written."""
    rows = delta.scan(root, table, release.versions[table.full_name])
    if scope.days is not None:
        rows = rows.filter(pl.col(str(table.partition)).is_in(sorted(scope.days)))
    frame = rows.collect()
    names = ", ".join(f'"{name}"' for name in table.names)
    target = f'{schema}."{table.name}"'
    connection.execute(sa.text(f"create temporary table staging as select {names} from {target} with no data"))
    _copy(connection, frame)
    connection.execute(sa.text("analyze staging"))
    same_key = " and ".join(f'new."{name}" = old."{name}"' for name in table.key)
    new_row = ", ".join(f'new."{name}"' for name in table.names)
    old_row = ", ".join(f'old."{name}"' for name in table.names)
    parameters: dict[str, object] = {"release": release.release_id}
    in_scope = ""
    if scope.days is not None:
        in_scope = f'old."{table.partition}" = any(:days) and '
        parameters["days"] = sorted(scope.days)
    gone = connection.execute(
        sa.text(
            f"with gone as (delete from {target} as old where {in_scope}not exists (select from staging as new"
            f" where {same_key} and row({new_row}) is not distinct from row({old_row})) returning old.*)"
            f' insert into {ddl.HISTORY}."{table.name}" ({names}, from_release, to_release)'
            f" select {names}, from_release, :release from gone"
        ),
        parameters,
    )
    come = connection.execute(
        sa.text(
            f"insert into {target} ({names}, from_release) select {names}, :release from staging as new"
            f" where not exists (select from {target} as old where {same_key})"
        ),
        {"release": release.release_id},
    )
    connection.execute(sa.text("drop table staging"))
    return frame.height, gone.rowcount + come.rowcount


def _copy(connection: sa.Connection, frame: pl.DataFrame) -> None:
    lists = [name for name, kind in frame.schema.items() if kind == pl.List(pl.String)]
    as_text = frame.with_columns(_array_literal(name) for name in lists)
    cursor = connection.connection.cursor()
    for chunk in as_text.iter_slices(_COPY_ROWS):
        buffer = io.BytesIO()
        chunk.write_csv(buffer, include_header=False, null_value="\\N", quote_style="non_numeric")
        buffer.seek(0)
        cursor.copy_expert("copy staging from stdin with (format csv, null '\\N')", buffer)


def _array_literal(name: str) -> pl.Expr:
    """A list of text as Postgres spells an array."""
    escaped = pl.element().str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)
    quoted = pl.lit('"') + escaped + pl.lit('"')
    return (pl.lit("{") + pl.col(name).list.eval(quoted).list.join(",") + pl.lit("}")).alias(name)
