"""One served table brought to a release: COPY into staging, then only rows that differ are rewritten."""

import io
from collections.abc import Collection
from datetime import date

import polars as pl
import sqlalchemy as sa

from contracts.base import Table
from serving.ddl import HISTORY

_COPY_ROWS = 200_000  # bounds the memory of one COPY chunk


def replace_rows(
    connection: sa.Connection,
    schema: str,
    table: Table,
    frame: pl.DataFrame,
    days: Collection[date] | None,
    release_id: int,
) -> int:
    """Make the table, or some date partitions of it, hold exactly `frame`; returns rows taken out and put in.

    A row taken out moves to `serving_history`, true until this release.
    """
    names = ", ".join(f'"{name}"' for name in table.names)
    target = f'{schema}."{table.name}"'
    connection.execute(sa.text(f"create temporary table staging as select {names} from {target} with no data"))
    _copy(connection, frame)
    connection.execute(sa.text("analyze staging"))
    same_key = " and ".join(f'new."{name}" = old."{name}"' for name in table.key)
    new_row = ", ".join(f'new."{name}"' for name in table.names)
    old_row = ", ".join(f'old."{name}"' for name in table.names)
    parameters: dict[str, object] = {"release": release_id}
    in_scope = ""
    if days is not None:
        in_scope = f'old."{table.partition}" = any(:days) and '
        parameters["days"] = sorted(days)
    gone = connection.execute(
        sa.text(
            f"with gone as (delete from {target} as old where {in_scope}not exists (select from staging as new"
            f" where {same_key} and row({new_row}) is not distinct from row({old_row})) returning old.*)"
            f' insert into {HISTORY}."{table.name}" ({names}, from_release, to_release)'
            f" select {names}, from_release, :release from gone"
        ),
        parameters,
    )
    come = connection.execute(
        sa.text(
            f"insert into {target} ({names}, from_release) select {names}, :release from staging as new"
            f" where not exists (select from {target} as old where {same_key})"
        ),
        {"release": release_id},
    )
    connection.execute(sa.text("drop table staging"))
    return int(gone.rowcount + come.rowcount)


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
