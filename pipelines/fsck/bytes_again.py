"""A damaged file written again: the same rows by the same writer give the same bytes, and the hash proves it."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from contracts.base import Table
from lake import delta, durable


def put_back(root: str, table: Table, rows: pl.DataFrame, wanted: Mapping[str, str | None]) -> list[str]:
    """Put back each wanted file (its path below the table's folder, to its hash) that `rows` give again.

    `rows` holds at least the rows of these files, those of one partition in the files' order. Returns the paths put
    back; where the bytes come out otherwise, such as by another version of the writer, nothing is touched.
    """
    parts = {str(Path(path).parent) for path in wanted}
    if table.partition is not None:
        days = pl.Series([part.rpartition("=")[2] for part in parts], dtype=pl.String).str.to_date(strict=False)
        rows = rows.filter(pl.col(table.partition).is_in(days.implode()))
    back = []
    with tempfile.TemporaryDirectory(prefix="_again", dir=root) as scratch:
        delta.create(scratch, table)
        version = delta.append(scratch, table, rows, 0)
        made = delta.files(scratch, table, version)
        by_hash = {durable.sha256(Path(path)): Path(path) for path in made}
        for path, digest in wanted.items():
            if digest is not None and digest in by_hash:
                target = Path(delta.location(root, table)) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                part = target.with_name(f".{target.name}")
                shutil.copyfile(by_hash[digest], part)
                durable.sync(part)
                part.replace(target)
                durable.sync(target.parent)
                back.append(path)
    return back
