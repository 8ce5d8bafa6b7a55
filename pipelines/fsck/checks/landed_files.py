"""Every landed file is in bronze as often as it was counted, and lies in landing as it was loaded."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import polars as pl

from contracts.registry import sources
from lake import durable
from pipelines.fsck.finding import Finding
from pipelines.fsck.home import Home

NEEDS_ROWS = True
LANDED = "bronze.landed_files"


def find(home: Home) -> Iterator[Finding]:
    """Rows of bronze that no landed file accounts for or that are too few; landed files that changed since."""
    if home.release is None or LANDED in home.broken:
        return
    with home.rows() as con:
        landed = con.sql(f"from {LANDED} order by landing_date, source_file").pl()
        for source in sources().values():
            name = source.table.full_name
            if name in home.broken:
                continue
            counted = con.sql(
                f"select landing_date, source_file, file_hash, count(*) as there from {name} group by all"
            ).pl()
            yield from _differences(name, landed.filter(pl.col("source") == source.name), counted)
    yield from _changed(home, landed)


def _differences(name: str, landed: pl.DataFrame, counted: pl.DataFrame) -> Iterator[Finding]:
    both = landed.join(
        counted, on=["landing_date", "source_file", "file_hash"], how="full", coalesce=True, nulls_equal=True
    ).with_columns(pl.col("rows", "there").fill_null(0))
    for row in both.filter(pl.col("rows") != pl.col("there")).sort("landing_date", "source_file").to_dicts():
        label = f"{row['landing_date']}/{row['source_file']}"
        yield Finding(
            "landed_files", f"{name} {label}",
            f"{row['there']} rows are in bronze of {row['rows']} that landed (SHA-256 {row['file_hash']}).",
            "--repair loads the file again where landing still holds it.",
            mend="bronze", table=name, rows=(label,), count=abs(row["rows"] - row["there"]),
        )  # fmt: skip


def _changed(home: Home, landed: pl.DataFrame) -> Iterator[Finding]:
    rows = landed.select("landing_date", "source_file", "file_hash", "file_bytes").rows()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for (day, name, *_), changed in zip(rows, pool.map(lambda row: _is_changed(home, *row), rows), strict=True):
            if changed:
                yield Finding(
                    "landed_files", f"landing/{day}/{name}", "it was changed after it was loaded.",
                    f"Bronze holds what was loaded; `tillhouse pipeline {day}` loads it as it is now.",
                    damage=False, rows=(f"{day}/{name}",),
                )  # fmt: skip


def _is_changed(home: Home, day: date, name: str, digest: str, size: int) -> bool:
    """Is a file there with other bytes; one that is gone from landing is none of our business."""
    path = home.settings.landing / day.isoformat() / name
    try:
        return path.stat().st_size != size or durable.sha256(path) not in {digest, None}
    except OSError:
        return False
